"""What goes on beside a running instance: its state at a glance, and the demo's company."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
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

from streams import simulate
from streams.cli.connection import connect
from streams.embedded.instance import Instance
from streams.errors import CxbError
from streams.kafka.client import connected_producer
from streams.operations import publish

HISTORY_EVENTS: Final = 60_000
HISTORY_DAYS: Final = 90
HISTORY_FACTS: Final = 4_000
"""About governance, so that the report of the demo has something to say of each question."""
LIVE_PER_S: Final = 5.0
# The demo's broker keeps all it gets in memory: an hour or so of live events, then it says so and stops.
LIVE_EVENTS: Final = 20_000
SEED: Final = 1
STATE_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Glance:
    """What a glance should tell."""

    landed: int
    refused: int
    unowned: int
    age_s: float | None

    def __str__(self) -> str:
        age = "no figures yet" if self.age_s is None else f"figures {self.age_s:.0f} s old"
        return f"{self.landed:,} events landed, {self.refused:,} refused, {self.unowned:,} owned by nobody, {age}"


async def show_state(found: Instance, update: Callable[[str], None], console: Console) -> None:
    """Tells the state every second, until cancelled."""
    last = ""
    async with aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):  # the supervisor tells when the worker is away
                state = await _state(session, found.web_url)
                if console.is_terminal:
                    update(str(state))
                elif (counts := f"{state.landed:,} events landed, {state.refused:,} refused") != last:
                    last = counts
                    console.print(counts)
            await asyncio.sleep(STATE_EVERY_S)


async def _state(session: aiohttp.ClientSession, url: str) -> Glance:
    async with session.get(f"{url}/metrics", timeout=aiohttp.ClientTimeout(2)) as response:
        text = await response.text()
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    updated = sums.get("cx_balances_updated_timestamp_seconds")
    return Glance(
        landed=int(sums.get("cx_events_total", 0)),
        refused=int(sums.get("cx_rejected_total", 0)),
        unowned=int(sums.get("cx_unowned_events_total", 0)),
        age_s=max(0.0, datetime.now(UTC).timestamp() - updated) if updated else None,
    )


async def demo(data: Path, console: Console) -> None:
    """Publishes a simulated company: some history, then live events until it has sent its share."""
    settings = connect(data).settings.kafka
    now = datetime.now(UTC)
    try:
        start = now - timedelta(days=HISTORY_DAYS)
        made = simulate.history(seed=SEED, start=start, end=now, count=HISTORY_EVENTS, facts=HISTORY_FACTS)
        history = await publish.publish(settings, _stripped(made), backfill=True)
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
