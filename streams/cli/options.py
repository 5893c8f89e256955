"""Options that several commands share."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from metrics.durations import DEFAULT_PERIOD

DEFAULT_DATA: Final = Path(".cxb")
Data = Annotated[
    Path | None,
    typer.Option("--data", help="Directory of the running instance [default: CXB_DATA or .cxb].", metavar="DIR"),
]
Json = Annotated[bool, typer.Option("--json", help="JSON to stdout.")]
At = Annotated[
    str | None, typer.Option("--at", help="Instant: 2026-03-01 or 2026-03-01T12:00:00Z [default: now].", metavar="T")
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="T", help="Start of the period [default: 90 days before].")
]
WhatIf = Annotated[
    Path | None, typer.Option("--what-if", metavar="REGISTRY", help="The same facts under another registry.")
]
View = Annotated[str, typer.Option("--view", help="as_was: owner at the time; as_is: owner at the instant.")]
Registry = Annotated[
    Path | None,
    typer.Option("--registry", help="Registry to compute under [default: the instance's].", metavar="FILE"),
]


def data_directory(data: Path | None) -> Path:
    """The directory that a flag, CXB_DATA or the default names."""
    return data or Path(os.environ.get("CXB_DATA") or DEFAULT_DATA)


def instant(text: str | None, option: str) -> datetime | None:
    """The instant that an option gives; None where it is absent.

    Raises:
        typer.BadParameter: It is no instant.
    """
    from streams.timestamps import parse_instant  # noqa: PLC0415

    try:
        return parse_instant(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


def period(since: str | None, at: str | None) -> tuple[datetime, datetime]:
    """Start and end of the period that `--since` and `--at` give.

    Raises:
        typer.BadParameter: One is no instant, or the start is not before the end.
    """
    until = instant(at, "--at") or datetime.now(UTC)
    start = instant(since, "--since") or until - DEFAULT_PERIOD
    if start >= until:
        raise typer.BadParameter(f"{start:%F %R} is not before {until:%F %R} UTC", param_hint="--since")
    return start, until


def one_of(text: str | None, known: Iterable[str], option: str) -> str | None:
    """What an option gives, if it is one of those that exist; None where it is absent.

    Raises:
        typer.BadParameter: There is no such thing.
    """
    names = list(known)
    if text is not None and text not in names:
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(names)}", param_hint=option)
    return text
