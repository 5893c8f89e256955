"""The simulated company of `cxb up --demo`."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from aiokafka.errors import KafkaError
from rich.console import Console
from rich.text import Text

from streams import simulate
from streams.cli.connection import connect
from streams.errors import CxbError
from streams.kafka.client import connected_producer
from streams.operations import publish

HISTORY_EVENTS: Final = 60_000
HISTORY_DAYS: Final = 90
HISTORY_FACTS: Final = 4_000
"""About governance, so that the report of the demo can answer every question."""
LIVE_PER_S: Final = 5.0
# The demo's broker keeps everything in memory: it gets about an hour of live events, then the demo says so and stops.
LIVE_EVENTS: Final = 20_000
SEED: Final = 1


async def publish_demo(data: Path, console: Console) -> None:
    """Publishes a simulated company: some history, then LIVE_EVENTS live events."""
    settings = connect(data).settings.kafka
    now = datetime.now(UTC)
    try:
        start = now - timedelta(days=HISTORY_DAYS)
        events = simulate.history(seed=SEED, start=start, end=now, count=HISTORY_EVENTS, facts=HISTORY_FACTS)
        history = await publish.publish(settings, _lines(events), backfill=True)
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


def _lines(events: Iterator[dict[str, object]]) -> Iterator[bytes]:
    return (line.strip() for line in simulate.ndjson(events))


async def _live(start: datetime) -> AsyncIterator[bytes]:
    for count, (delay_s, event) in enumerate(simulate.live(seed=SEED, rate_per_s=LIVE_PER_S, start=start)):
        if count >= LIVE_EVENTS:
            return
        await asyncio.sleep(delay_s)
        yield next(simulate.ndjson([event])).strip()
