"""What `cxb up` shows, and the demo's company."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import aiohttp
from aiokafka.errors import KafkaError
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from rich.text import Text

from streams import publishing, simulate
from streams.cli.connection import connect
from streams.embedded import supervisor
from streams.embedded.instance import Instance
from streams.errors import CxbError
from streams.kafka import connected_producer

HISTORY_EVENTS: Final = 20_000
HISTORY_DAYS: Final = 90
LIVE_PER_S: Final = 5.0
# The demo's broker keeps all it gets in memory: an hour or so of live events, then it says so and stops.
LIVE_EVENTS: Final = 20_000
SEED: Final = 1
STATE_EVERY_S: Final = 1.0
WORKER: Final = {"CXB_MIGRATE_AT_START": "1", "CXB_KAFKA_SESSION_TIMEOUT_S": "2"}


@dataclass(frozen=True, slots=True)
class State:
    """What a glance should tell."""

    landed: int
    refused: int
    unowned: int
    age_s: float | None

    def __str__(self) -> str:
        age = "no figures yet" if self.age_s is None else f"figures {self.age_s:.0f} s old"
        return f"{self.landed:,} events landed, {self.refused:,} refused, {self.unowned:,} owned by nobody, {age}"


async def run(data: Path, registry: Path, *, demo: bool) -> None:
    """Runs an instance until it is told to stop, telling what happens on stderr."""
    console = Console(stderr=True, highlight=False)
    status = console.status("starting broker, store and worker")
    tasks: list[asyncio.Task[None]] = []

    def ready(found: Instance) -> None:
        console.print(Text.from_markup(_welcome(found, data)))
        status.update("running")
        tasks.append(asyncio.create_task(_show_state(found, status.update, console)))
        if demo:
            tasks.append(asyncio.create_task(_demo(data, console)))

    with status:
        try:
            await supervisor.run(
                data, registry, on_event=lambda text: console.print(Text(text)), on_ready=ready, worker_env=WORKER
            )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    console.print("stopped: all that was accepted has landed")


def _welcome(found: Instance, data: Path) -> str:
    flag = "" if str(data) == ".cxb" else f" --data {data}"
    return (
        f"\n  [bold]Page and API[/bold]  {found.web_url}\n"
        f"  [bold]Metrics[/bold]       {found.web_url}/metrics\n"
        f"  [bold]Kafka[/bold]         {found.kafka}, topic cx.touchpoints\n"
        f"  [bold]Registry[/bold]      {found.registry}\n\n"
        f"  In another terminal:  [bold]cxb balances{flag}[/bold]\n"
        f"                        [bold]cxb scorecards{flag}[/bold]\n"
        f"                        [bold]cxb publish --wait FILE{flag}[/bold]\n"
        "  Stop with Ctrl-C.\n"
    )


async def _show_state(found: Instance, update: "object", console: Console) -> None:
    last = ""
    async with aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):  # the supervisor tells when the worker is away
                state = await _state(session, found.web_url)
                if console.is_terminal:
                    update(str(state))  # type: ignore[operator]
                elif (counts := f"{state.landed:,} events landed, {state.refused:,} refused") != last:
                    last = counts
                    console.print(counts)
            await asyncio.sleep(STATE_EVERY_S)


async def _state(session: aiohttp.ClientSession, url: str) -> State:
    async with session.get(f"{url}/metrics", timeout=aiohttp.ClientTimeout(2)) as response:
        text = await response.text()
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    updated = sums.get("cx_balances_updated_timestamp_seconds")
    return State(
        landed=int(sums.get("cx_events_total", 0)),
        refused=int(sums.get("cx_rejected_total", 0)),
        unowned=int(sums.get("cx_unowned_events_total", 0)),
        age_s=max(0.0, datetime.now(UTC).timestamp() - updated) if updated else None,
    )


async def _demo(data: Path, console: Console) -> None:
    settings = connect(data).settings.kafka
    now = datetime.now(UTC)
    try:
        made = simulate.events(seed=SEED, start=now - timedelta(days=HISTORY_DAYS), end=now, count=HISTORY_EVENTS)
        history = await publishing.publish(settings, _stripped(made), backfill=True)
        console.print(f"demo: {history.count:,} events of {HISTORY_DAYS} days published, now {LIVE_PER_S:.0f} a second")
        producer = await connected_producer(settings)
        try:
            async for line in _live(now):
                await producer.send(settings.topic, line)
        finally:
            await producer.stop()
        console.print(f"demo: {LIVE_EVENTS:,} live events sent; it ends here, the service goes on")
    except (CxbError, KafkaError) as error:
        console.print(Text(f"demo: stopped: {error}"))


def _stripped(made: Iterator[dict[str, object]]) -> Iterator[bytes]:
    return (line.strip() for line in simulate.ndjson(made))


async def _live(start: datetime) -> AsyncIterator[bytes]:
    for count, (delay_s, event) in enumerate(simulate.live(seed=SEED, rate_per_s=LIVE_PER_S, start=start)):
        if count >= LIVE_EVENTS:
            return
        await asyncio.sleep(delay_s)
        yield next(simulate.ndjson([event])).strip()
