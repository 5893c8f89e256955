"""`cxb publish`: files of events to the topic."""

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from streams.cli import options, output
from streams.cli.connection import Connection, connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.errors import ConfigurationError
from streams.operations import publish as publishing
from streams.operations.publish import Settled
from streams.store.clock import store_time
from streams.wording import counted

app = typer.Typer(**MODULE_OPTIONS)

STALLED_S: Final = 20.0
"""After so long without an event that lands, seconds, the user is asked whether a worker runs."""


@app.command(
    epilog=examples("cxb publish --backfill --wait events.ndjson.gz", "cxb simulate | cxb publish -"),
)
def publish(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="NDJSON: plain, .gz, .zst, or - for stdin.")],
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Record timestamps = occurred_at: history is not rejected as too old.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Return when all has landed or was rejected and the cells are fresh.")
    ] = False,
    data: options.DataOption = None,
) -> None:
    """Sends events to the topic. Lines that are no events are sent too, and the service rejects them."""
    for file in files:
        if str(file) != "-" and not file.exists():
            raise ConfigurationError(f"no such file: {file}")
        if file.is_dir():
            raise ConfigurationError(f"{file} is a directory: name the files in it")
    connection = connect(data)
    events = (line for file in files for line in publishing.lines(file))
    settled = asyncio.run(_send(connection, events, backfill=backfill, wait=wait))
    if settled is None:
        output.say("see them land with: cxb balances")
    elif settled.rejected:
        raise typer.Exit(1)


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
