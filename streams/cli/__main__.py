"""`python -m streams.cli`, as `cxb`."""

from streams.cli import main

main()
