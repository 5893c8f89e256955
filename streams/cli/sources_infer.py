"""`cxb sources infer`: proposes a mapping from a sample."""

import re
import sys
from collections import Counter
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from metrics.sources.inference import MOST_RECORDS, guesses, proposal
from metrics.sources.mapping import SourceMapping
from metrics.sources.model import Format, Source
from metrics.sources.parsing import parse_sources
from metrics.sources.trial import tried
from streams.cli import options, output
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.errors import ConfigurationError
from streams.sources.documents import format_by_name, records_in
from streams.sources.named import mapping_named
from streams.sources.ready import ready_sources
from streams.wording import counted

app = typer.Typer(**MODULE_OPTIONS)

_NOT_NAMES: Final = re.compile(r"[^a-z0-9]+")


@app.command(epilog=examples("cxb sources infer survey.csv > sources.toml", "cxb sources infer answers.ndjson --json"))
def infer(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A sample: CSV, XLSX, JSON, NDJSON or Avro.")],
    as_json: options.JsonOption = False,
) -> None:
    """Proposes a mapping by names and values, for you to check; names ready-made sources that fit."""
    form = format_by_name(file)
    records = _sample(file, form)
    if not records:
        raise ConfigurationError(f"{file} has no records: give a sample of a few")
    guessed = guesses(records)
    text = proposal(_name(file), guessed, form)
    fitting = [name for name in ready_sources() if _fits(name, file, form)]
    if as_json:
        output.as_json({"toml": text, "fields": [asdict(guess) for guess in guessed], "ready_made": fitting})
    else:
        sys.stdout.write(text)
    (source,) = parse_sources(text)
    mapping = SourceMapping(source)
    verdicts = [tried(mapping, record, {}).rejected for record in records]
    counts = Counter("" if verdict is None else str(verdict.reason) for verdict in verdicts)
    mapped = counts.pop("", 0)
    wrong = ", ".join(f"{count:,} {reason}" for reason, count in sorted(counts.items()))
    output.say(f"{counted(len(records), 'record')}: {mapped:,} would be mapped" + (f", {wrong}" if wrong else ""))
    for name in fitting:
        output.say(f"the ready-made source {name} fits: cxb sources try {name} {file} --set touchpoint=web.site")


def _sample(file: Path, form: Format) -> list[Any]:
    source = Source("sample", (), format=form)
    return [located.record for located in islice(records_in(file, source), MOST_RECORDS)]


def _fits(name: str, file: Path, form: Format) -> bool:
    """Whether a ready-made source maps some of a sample and rejects nothing of it."""
    if ready_sources()[name].get("format", "json") != form:
        return False
    try:
        mapping = mapping_named(name, None, {"touchpoint": "web.site"})
        located = islice(records_in(file, mapping.source), MOST_RECORDS)
        trials = [tried(mapping, each.record, {}) for each in located]
    except ConfigurationError:
        return False  # it leaves more to the user than the touchpoint
    return any(trial.values for trial in trials) and all(trial.rejected is None for trial in trials)


def _name(file: Path) -> str:
    words = _NOT_NAMES.sub("-", file.name.lower().split(".")[0]).strip("-")
    return words[:64] if words[:1].isalpha() else f"source-{words}"[:64].rstrip("-")
