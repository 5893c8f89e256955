"""`cxb sources try`: record, mapping and event side by side."""

import sys
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from metrics.sources.mapping import SourceMapping
from metrics.sources.model import FieldRule
from metrics.sources.trial import Trial, tried
from streams.cli import options, output
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.cli.sources_options import SetOption, SourcesOption, chosen_mapping, fault_text
from streams.errors import ConfigurationError
from streams.sources.documents import Located, records_in
from streams.sources.ready import ready_sources, sample_of
from streams.wording import counted

app = typer.Typer(**MODULE_OPTIONS)


@app.command(
    name="try",
    epilog=examples(
        "cxb sources try delighted-csv survey.csv --set touchpoint=web.checkout",
        "cxb sources try shop orders.ndjson --sources sources.toml --json",
    ),
)
def try_source(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A source: of the file, or ready-made.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="CSV, JSON, NDJSON or Avro; a ready-made source has a sample.")
    ] = None,
    fields: SetOption = None,
    headers: Annotated[
        list[str] | None, typer.Option("--header", metavar="NAME=VALUE", help="A header that the records have.")
    ] = None,
    sources: SourcesOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="So many records at most.")] = 10,
    as_json: options.JsonOption = False,
) -> None:
    """Shows what a source's mapping makes of the records of a file. Sends nothing; exit 1 if one is rejected."""
    mapping = chosen_mapping(name, sources, fields)
    texts = _headers(headers or ())
    records = islice(records_in(_chosen(name, file), mapping.source), limit)
    trials = [(located, tried(mapping, located.record, texts)) for located in records]
    if as_json:
        output.as_json([_row(located, trial) for located, trial in trials])
    else:
        for located, trial in trials:
            _show(mapping, located, trial)
    counts = Counter(_outcome(trial) for _, trial in trials)
    events = sum(len(trial.values) for _, trial in trials if trial.rejected is None)
    output.say(
        f"{counted(len(trials), 'record')}: {counted(events, 'event')}, "
        f"{counts['rejected']:,} rejected, {counts['dropped']:,} dropped"
    )
    if counts["rejected"]:
        raise typer.Exit(1)


def _chosen(name: str, file: Path | None) -> Path:
    if file is not None:
        return file
    if name in ready_sources():
        return sample_of(name)
    raise ConfigurationError(f"name the file to try {name} on: cxb sources try {name} FILE")


def _headers(texts: list[str] | tuple[str, ...]) -> dict[str, str]:
    result = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise typer.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--header")
        result[name.strip().lower()] = value.strip()
    return result


def _outcome(trial: Trial) -> str:
    if trial.rejected is not None:
        return "rejected"
    return "mapped" if trial.values else "dropped"


def _row(located: Located, trial: Trial) -> dict[str, Any]:
    rejected = trial.rejected
    return {
        "place": located.place,
        "outcome": _outcome(trial),
        "record": located.record,
        "mapping": [[reading._asdict() for reading in event] for event in trial.readings],
        "events": trial.events,
        "rejected": None
        if rejected is None
        else {
            "reason": str(rejected.reason), "detail": rejected.detail, "field": trial.field, "path": trial.path,
            "value": trial.value, "hint": trial.hint,
        },
    }  # fmt: skip


def _show(mapping: SourceMapping, located: Located, trial: Trial) -> None:
    outcome = _outcome(trial)
    said = counted(len(trial.values), "event") if outcome == "mapped" else _SAID[outcome]
    sys.stdout.write(f"{located.place}: {said}\n")
    rules = {rule.name: rule for spec in mapping.source.events for rule in spec.fields}
    events = trial.events or [{} for _ in trial.readings]
    for position, event in enumerate(events):
        readings = trial.readings[position] if position < len(trial.readings) else ()
        there = {reading.field: reading.value for reading in readings}
        names = list(dict.fromkeys([*event, *there]))
        rows = [{"field": name, "rule": rules.get(name), "there": there.get(name), "event": event} for name in names]
        output.table(rows, _COLUMNS)
    if trial.rejected is not None:
        output.say(fault_text(located.place, trial))


def _where(rule: FieldRule | None) -> str:
    return "constant" if rule is None or not rule.where else rule.where


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_SAID: Final = {"dropped": "dropped on purpose", "rejected": "rejected"}
_COLUMNS: Final = {
    "field": lambda row: str(row["field"]),
    "read from": lambda row: _where(row["rule"]),
    "there": lambda row: "" if row["there"] is None else _json(row["there"]),
    "becomes": lambda row: _json(row["event"][row["field"]]) if row["field"] in row["event"] else "-",
}
