"""Options that the commands about sources share."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from metrics.sources.mapping import SourceMapping
from metrics.sources.trial import Trial
from streams.settings import settings as configuration
from streams.sources.named import assignments, mapping_named

SourcesOption = Annotated[
    Path | None, typer.Option("--sources", metavar="FILE", help="The file of sources [default: CXB_SOURCES].")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Fills a field of the events; several times for several."),
]


def sources_file(named: Path | None) -> Path | None:
    """The file that an option names, or the one in force.

    Raises:
        ConfigurationError: A setting is wrong.
    """
    return named or configuration.load().sources


def fault_text(place: str, trial: Trial) -> str:
    """Why a record is rejected: its place, the value, which is the user's own, and the name that was meant."""
    if trial.rejected is None:
        return f"{place}: not rejected"
    value = "" if trial.value is None else f"; there is {msgspec.json.encode(trial.value).decode()}"
    hint = f"; did you mean {trial.hint}?" if trial.hint else ""
    return f"{place}: {trial.rejected.reason}: {trial.rejected.detail}{value}{hint}"


def chosen_mapping(name: str, file: Path | None, fields: list[str] | None) -> SourceMapping:
    """The mapping of the source that a command names.

    Raises:
        ConfigurationError: There is none, or it cannot be used.
    """
    return mapping_named(name, sources_file(file), assignments(fields or ()))
