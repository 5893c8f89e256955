"""`cxb publish`: files of events to the topic."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from metrics.events.event import RecordLimits
from streams.cli import options, output
from streams.cli.connection import Connection, connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.cli.sources_options import SetOption, SourcesOption, chosen_mapping, fault_text
from streams.errors import ConfigurationError
from streams.operations import publish as publishing
from streams.operations.mapped_files import FileOutcome, NothingFits, limits_of, mapped_events, native_outcome
from streams.operations.publish import Settled
from streams.settings import settings as configuration
from streams.sources.documents import SPREADSHEET, format_by_name
from streams.store.clock import store_time
from streams.wording import counted

app = typer.Typer(**MODULE_OPTIONS)

_OLD_SPREADSHEETS: Final = (".xls", ".xlsb", ".ods", ".numbers")
_FORMATS: Final = {"csv": "CSV", "avro": "an Avro file"}
STALLED_S: Final = 20.0
"""After so long without an event that lands, seconds, the user is asked whether a worker runs."""


@app.command(
    epilog=examples(
        "cxb publish --backfill --wait events.ndjson.gz",
        "cxb publish survey.csv --source delighted-csv --set touchpoint=web.checkout --backfill --wait",
        "cxb simulate | cxb publish -",
    ),
)
def publish(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="NDJSON, or what --source maps: plain, packed, .xlsx, or - for stdin."),
    ],
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="Map records of a source: cxb sources list.")
    ] = None,
    fields: SetOption = None,
    sources: SourcesOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing; say what would be accepted.")] = False,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Record timestamps = occurred_at: history is not rejected as too old.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Return when all has landed or was rejected and the cells are fresh.")
    ] = False,
    data: options.DataOption = None,
) -> None:
    """Sends events to the topic. Lines that are no events are sent too, and the service rejects them.

    With --source, records of other tools are mapped first, and only what fits is sent.
    """
    _look_at(files, source)
    outcome, limits = FileOutcome(), limits_of(configuration.load().ingest.limits(), backfill=backfill)
    if source is not None:
        events: Iterable[bytes] = mapped_events(files, chosen_mapping(source, sources, fields), outcome, limits)
    else:
        events = (line for file in files for line in publishing.lines(file))
    if dry_run:
        outcome = _dry(events, outcome, limits, is_mapped=source is not None)
    else:
        connection = connect(data)
        settled = asyncio.run(_send(connection, _explained(events, outcome), backfill=backfill, wait=wait))
        if settled is None:
            output.say("see them land with: cxb balances")
    if source is not None or dry_run:
        _tell(outcome)
    if outcome.rejected or (not dry_run and settled is not None and settled.rejected):
        raise typer.Exit(1)


def _look_at(files: Sequence[Path], source: str | None) -> None:
    for file in files:
        if str(file) != "-" and not file.exists():
            raise ConfigurationError(f"no such file: {file}")
        if file.suffix.lower() in _OLD_SPREADSHEETS:
            raise ConfigurationError(f"{file} is a spreadsheet of a format that is not read: save it as .xlsx or CSV")
        if file.is_dir():
            raise ConfigurationError(f"{file} is a directory: name the files in it")
        form = format_by_name(file)
        if source is None and form != "json":
            looks = "a spreadsheet" if file.suffix.lower() == SPREADSHEET else _FORMATS[form]
            raise NothingFits(
                f"{file} looks like {looks}, and events are JSON: say which source it is of (--source NAME, see "
                f"cxb sources list), or have a mapping proposed: cxb sources infer {file}"
            )


def _dry(events: Iterable[bytes], outcome: FileOutcome, limits: RecordLimits, *, is_mapped: bool) -> FileOutcome:
    """What would be accepted; mapped events have been looked at when they are made."""
    if not is_mapped:
        return native_outcome(events, limits)
    for _ in _explained(events, outcome):
        continue
    return outcome


def _explained(events: Iterable[bytes], outcome: FileOutcome) -> Iterator[bytes]:
    """The events; where not one record fits, what is wrong with the first ones is said before the error is."""
    try:
        yield from events
    except NothingFits:
        _tell(outcome)
        raise


def _tell(outcome: FileOutcome) -> None:
    for place, trial in outcome.faults:
        output.say(fault_text(place, trial))
    if outcome.repeated:
        output.say(
            f"{counted(outcome.repeated, 'event')} with the event_id and minute of one before, the first in "
            f"{outcome.repeat}: they count once, the last copy stays; if they are others, make event_id of more fields"
        )
    rejected = sum(outcome.rejected.values())
    if rejected > len(outcome.faults):
        output.say(f"and {rejected - len(outcome.faults):,} more")
    output.say(
        f"{counted(outcome.records, 'record')}: {counted(outcome.events, 'event')}, {rejected:,} rejected, "
        f"{outcome.dropped:,} dropped"
    )


async def _send(connection: Connection, events: Iterable[bytes], *, backfill: bool, wait: bool) -> Settled | None:
    """Publishes events with progress on stderr; with `wait`, says and gives what became of them."""
    settings = connection.settings
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with connection.store() as store, bars as progress:
        since = await asyncio.to_thread(store_time, store) if wait else None
        task = progress.add_task("sending", total=None)
        published = await publishing.publish(
            settings.kafka,
            events,
            backfill=backfill,
            sent=lambda count: progress.update(task, description=f"sent {counted(count, 'event')}"),
        )
        published.since = since
        output.say(f"sent {counted(published.count, 'event')} to {settings.kafka.topic}")
        if not wait:
            return None
        landing = _Landing(published.count, lambda text: progress.update(task, description=text))
        settled = await publishing.settle(settings.kafka, store, published, landing.show)
    output.say(_outcome(settled))
    return settled


def _outcome(settled: Settled) -> str:
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(settled.rejected.items()))
    rejected = sum(settled.rejected.values())
    return f"landed {settled.landed:,}, rejected {rejected:,}" + (f" ({reasons}): see cxb rejected" if rejected else "")


class _Landing:
    """Shows how many events have landed, and says once when nothing seems to read them."""

    def __init__(self, total: int, show: Callable[[str], None]) -> None:
        self._total, self._show = total, show
        self._done, self._moved_s, self._warned = -1, 0.0, False

    def show(self, done: int) -> None:
        if done != self._done:
            self._done, self._moved_s = done, time.monotonic()
        self._show(f"landed {done:,} of {self._total:,}")
        if not self._warned and time.monotonic() - self._moved_s > STALLED_S:
            output.say(f"nothing has landed for {STALLED_S:.0f} s: is a worker running? see cxb doctor; still waiting")
            self._warned = True
