"""`python -m streams.cli`, as `cxb`."""

from streams.cli.main import main

main()
