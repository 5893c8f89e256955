"""Commands that send events: publish, simulate, redrive."""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from streams.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streams.cli.connection import Connection

NOBODY_S: Final = 20.0


def publish(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="NDJSON: plain, .gz, .zst, or - for stdin.")],
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Record timestamps = occurred_at: history is not refused as too old.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Return when all has landed or was refused and the cells are fresh.")
    ] = False,
    data: options.Data = None,
) -> None:
    """Sends events to the topic. Lines that are no events are sent too, and refused by the service."""
    import asyncio  # noqa: PLC0415

    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.errors import ConfigurationError  # noqa: PLC0415
    from streams.operations.publish import lines  # noqa: PLC0415

    for file in files:
        if str(file) != "-" and not file.exists():
            raise ConfigurationError(f"no such file: {file}")
        if file.is_dir():
            raise ConfigurationError(f"{file} is a directory: name the files in it")
    connection = connect(data)
    asyncio.run(send(connection, (line for file in files for line in lines(file)), backfill=backfill, wait=wait))
    if not wait:
        output.say("see them land with: cxb balances")


async def send(connection: "Connection", events: "Iterable[bytes]", *, backfill: bool, wait: bool) -> None:
    """Publishes events with progress on stderr, and says what became of them."""
    import asyncio  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    from streams.cli import output  # noqa: PLC0415
    from streams.operations import publish as publishing  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415
    from streams.store.clock import store_time  # noqa: PLC0415

    settings = connection.settings
    store = Store(settings.clickhouse)
    since = await asyncio.to_thread(store_time, store) if wait else None
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("sending", total=None)
        published = await publishing.publish(
            settings.kafka,
            events,
            backfill=backfill,
            sent=lambda count: progress.update(task, description=f"sent {count:,} events"),
        )
        published.since = since
        output.say(f"sent {published.count:,} events to {settings.kafka.topic}")
        if not wait:
            return
        landing = _Landing(published.count, lambda text: progress.update(task, description=text))
        settled = await publishing.settle(settings.kafka, store, published, landing.tell)
    store.close()
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(settled.refused.items()))
    refused = sum(settled.refused.values())
    output.say(
        f"landed {settled.landed:,}, refused {refused:,}" + (f" ({reasons}): see cxb rejected" if refused else "")
    )


class _Landing:
    """Shows how much has landed, and says so once when nobody seems to take anything."""

    def __init__(self, total: int, show: "Callable[[str], None]") -> None:
        self._total, self._show = total, show
        self._done, self._moved_s, self._said = -1, 0.0, False

    def tell(self, done: int) -> None:
        if done != self._done:
            self._done, self._moved_s = done, time.monotonic()
        self._show(f"landed {done:,} of {self._total:,}")
        if not self._said and time.monotonic() - self._moved_s > NOBODY_S:
            from streams.cli import output  # noqa: PLC0415

            output.say(f"nothing has landed for {NOBODY_S:.0f} s: is a worker running? see cxb doctor; waiting on")
            self._said = True


def simulate(
    events: Annotated[int, typer.Option(min=0, max=100_000_000, help="How many.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed, the same company.")] = 1,
    days: Annotated[float, typer.Option(min=0.01, max=3650, help="Spread over the last so many days.")] = 90.0,
    until: Annotated[str | None, typer.Option(metavar="T", help="The last instant [default: now].")] = None,
    bad: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of events with a realistic mistake.")] = 0.0,
    governance: Annotated[int, typer.Option(min=0, max=1_000_000, help="So many facts about governance beside.")] = 0,
    planted: Annotated[
        bool, typer.Option("--planted", help="Something of everything is the matter, under a registry of its own.")
    ] = False,
) -> None:
    """Writes a simulated company's events as NDJSON to stdout."""
    from streams import simulate as company  # noqa: PLC0415
    from streams.simulate import planted as trouble  # noqa: PLC0415

    end = options.instant(until, "--until") or datetime.now(UTC)
    start = end - timedelta(days=days)
    history = trouble.history if planted else company.history
    made = history(seed=seed, start=start, end=end, count=events, facts=governance)
    if planted:
        from streams.cli import output  # noqa: PLC0415

        output.say(f"these events belong to the registry {trouble.registry()}")
    for line in company.ndjson(made, bad_share=bad, seed=seed):
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def redrive(
    reason: Annotated[str | None, typer.Option(help="Only those refused for this reason.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="T", help="Only those refused since.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="T", help="Only those refused before.")] = None,
    partition: Annotated[int | None, typer.Option(min=0, help="Only those of this partition.")] = None,
    offset: Annotated[int | None, typer.Option(min=0, help="Only the one at this offset.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only.")] = False,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Sends refused events through again. Mend the cause first: a limit, the registry, the clock."""
    import asyncio  # noqa: PLC0415

    from metrics.events.rejection import Reason  # noqa: PLC0415
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.operations.redrive import redrive as run  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415
    from streams.store.rejected import Selection  # noqa: PLC0415

    options.one_of(reason, Reason, "--reason")
    span = {} if offset is None else {"first": offset, "last": offset}
    selection = Selection(reason, options.instant(since, "--from"), options.instant(until, "--to"), partition, **span)
    settings = connect(data).settings
    redriven = asyncio.run(run(settings.kafka, Store(settings.clickhouse), selection, dry_run=dry_run))
    rows = [
        {
            "reason": name,
            "chosen": count,
            "sent": redriven.sent.get(name, 0),
            "missing": redriven.missing.get(name, 0),
        }
        for name, count in sorted(redriven.chosen.items())
    ]
    if as_json:
        output.as_json(rows)
        return
    columns = {name: (lambda row, name=name: str(row[name])) for name in ("reason", "chosen", "sent", "missing")}
    output.table(rows, columns, numbers=3)
    total = sum((redriven.chosen if dry_run else redriven.sent).values())
    output.say(f"{'would send' if dry_run else 'sent'} {total} refused events through again")
