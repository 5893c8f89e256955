"""Options that several commands share, and the former spellings of some."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import EnumMeta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, get_args

import typer
from typer.core import TyperCommand

from metrics.events.rejection import Reason
from metrics.figures.balances import View
from metrics.zones import Zone
from streams.parameters import (
    BadParameter,
    BalanceParameters,
    Parameters,
    PeriodParameters,
    RejectedParameters,
    parameters_of,
)
from streams.timestamps import parse_date_or_instant, parse_instant

DEFAULT_DATA: Final = Path(".cxb")
_INSTANT: Final = "A date, or a time with its offset: 2026-03-01T12:00:00Z."


def instant(text: str) -> datetime | None:
    """The instant that an option gives; None for an empty text, as if the option were absent.

    Raises:
        typer.BadParameter: It is no instant.
    """
    try:
        return parse_instant(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def date_or_instant(text: str) -> date | None:
    """The same, of an option for which a date begins by the clocks of the company's zone.

    Raises:
        typer.BadParameter: It is neither.
    """
    at = instant(text)
    return parse_date_or_instant(text) if at else None


def choice(names: Iterable[str], metavar: str = "") -> dict[str, Any]:
    """What makes an option accept these names alone, and a shell complete them.

    Args:
        names: In the order of the help and of the error.
        metavar: Stands for the value in the help, where there are too many names to list.
    """
    values = {str(name): name for name in names}

    def parse(text: str) -> str:
        one_of(text, values)
        return values[text]

    return {"parser": parse, "metavar": metavar or "|".join(values), "autocompletion": lambda: list(values)}


def one_of(text: str | None, names: Iterable[str], option: str | None = None) -> str | None:
    """What an option gives, if it is one of these names; None where it is absent.

    Raises:
        typer.BadParameter: There is no such name.
    """
    names = list(names)
    if text is not None and text not in names:
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(names)}", param_hint=option)
    return text


def parameter(kind: type[Parameters], name: str, metavar: str = "") -> Any:
    """The option of a command that asks the same as a parameter of the API: its name, values and meaning."""
    definition = parameters_of(kind)[name]
    if definition.type in (date, datetime):
        parser = instant if definition.type is datetime else date_or_instant
        return typer.Option(f"--{name}", parser=parser, metavar="T", help=f"{definition.description} {_INSTANT}")
    values = definition.type if isinstance(definition.type, EnumMeta) else get_args(definition.type)
    return typer.Option(f"--{name}", help=definition.description, **choice(values, metavar))


def from_option(text: str) -> Any:
    """The option `--from` of a command that says itself from when on it looks; `text` is its help."""
    return typer.Option("--from", parser=date_or_instant, metavar="T", help=text)


@contextmanager
def usage_errors() -> Iterator[None]:
    """Says what has no meaning as a wrong usage of the option of that name.

    Raises:
        typer.BadParameter: A parameter has no meaning.
    """
    try:
        yield
    except BadParameter as error:
        raise typer.BadParameter(error.remedy, param_hint=f"--{error.name}") from error


def past(at: datetime | None, option: str = "--at") -> datetime | None:
    """The instant of an option; None where it is absent.

    Raises:
        typer.BadParameter: It is in the future.
    """
    try:
        return BalanceParameters(at=at).past(datetime.now(UTC))
    except BadParameter as error:
        raise typer.BadParameter(error.remedy, param_hint=option) from error


DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Directory of the running instance [default: CXB_DATA or .cxb].", metavar="DIR"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON to stdout.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="CSV to stdout.")]
AtOption = Annotated[datetime | None, parameter(BalanceParameters, "at")]
PeriodFromOption = Annotated[date | None, parameter(PeriodParameters, "from")]
PeriodToOption = Annotated[date | None, parameter(PeriodParameters, "to")]
WhatIfOption = Annotated[
    Path | None, typer.Option("--what-if", metavar="REGISTRY", help="The same facts under another registry.")
]
ViewOption = Annotated[View, parameter(BalanceParameters, "view")]
RegistryOption = Annotated[
    Path | None,
    typer.Option("--registry", help="Registry to compute under [default: the instance's].", metavar="FILE"),
]
MetricOption = Annotated[str | None, parameter(BalanceParameters, "metric", "M")]
ReasonOption = Annotated[Reason | None, parameter(RejectedParameters, "reason", "R")]


def one_format(as_json: bool, as_csv: bool) -> None:
    """Passes if at most one format is asked for.

    Raises:
        typer.BadParameter: Both are.
    """
    if as_json and as_csv:
        raise typer.BadParameter("choose one of --json and --csv", param_hint="--csv")


def data_directory(data: Path | None) -> Path:
    """The directory that a flag, CXB_DATA or the default names."""
    return data or Path(os.environ.get("CXB_DATA") or DEFAULT_DATA)


def period(first: date | None, last: date | None, zone: Zone) -> tuple[datetime, datetime]:
    """Start and end of the period that `--from` and `--to` give; dates by the clocks of a zone.

    Raises:
        typer.BadParameter: The start is not before the end, by a second or more.
    """
    try:
        return PeriodParameters(from_=first, to=last).bounds(datetime.now(UTC), zone)
    except BadParameter as error:
        if error.name == "to":
            raise typer.BadParameter(error.remedy, param_hint="--to") from error
        raise typer.BadParameter(
            f"the start ({first or 'default'}) is not before the end ({last or 'now'}), by a second or more",
            param_hint="--from",
        ) from error


class RenamedOptions(TyperCommand):
    """A command that accepts the former spellings of its options for one version, and says that they are deprecated."""

    renamed: ClassVar[Mapping[str, str]] = {}
    """The spelling of today for each former one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Reads the arguments in the spelling of today."""
        end = args.index("--") if "--" in args else len(args)
        former = {_name(text): None for text in args[:end] if _name(text) in self.renamed}
        if former and not ctx.resilient_parsing:
            today = ", ".join(self.renamed[name] for name in former)
            typer.echo(f"{', '.join(former)}: deprecated, and gone in the next version; write {today}", err=True)
        return super().parse_args(ctx, [*map(self._of_today, args[:end]), *args[end:]])

    def _of_today(self, argument: str) -> str:
        name = _name(argument)
        return self.renamed.get(name, name) + argument[len(name) :]


class PeriodCommand(RenamedOptions):
    """A command about a period."""

    renamed: ClassVar[Mapping[str, str]] = {"--since": "--from", "--at": "--to"}


def _name(argument: str) -> str:
    return argument.partition("=")[0]
