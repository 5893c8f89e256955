"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Directory of the running instance [default: CXB_DATA or .cxb].", metavar="DIR"),
]
Json = Annotated[bool, typer.Option("--json", help="JSON to stdout.")]
At = Annotated[
    str | None, typer.Option("--at", help="Instant: 2026-03-01 or 2026-03-01T12:00:00Z [default: now].", metavar="T")
]
View = Annotated[str, typer.Option("--view", help="as_was: owner at the time; as_is: owner at the instant.")]
Registry = Annotated[
    Path | None, typer.Option("--registry", help="Registry to compute under [default: the instance's].", metavar="FILE")
]
