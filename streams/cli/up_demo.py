"""The simulated company of `cxb up --demo`: a history, and what follows it, at the rate of that company itself.

The history ends when the demo first starts. When it starts again in the same directory it is the same company: what
happened meanwhile is made up for, and what is there already adds nothing.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.text import Text

from streams import simulate
from streams.cli.connection import connect
from streams.embedded.instance import Instance
from streams.errors import CxbError
from streams.kafka.client import connected_producer
from streams.operations import publish
from streams.registry.file import CompiledRegistry, load
from streams.simulate.events import EventFields
from streams.simulate.told import Owner, planted_in_words

# So many that at the company's own rate something happens every half minute: a faster rate would show in every volume.
# The broker keeps its log in memory: this history is some 70 MB of it, a day of live events one.
HISTORY_EVENTS: Final = 225_000
HISTORY_DAYS: Final = 90
HISTORY_FACTS: Final = 4_000
"""About governance, so that the report of the demo can answer every question."""
SEED: Final = 1
BEGAN_FILE: Final = "demo-began"


@dataclass(slots=True)
class DemoProgress:
    """What the demo is doing, for the status line; empty before it has begun."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """The demo's company from the start of its history to its end, which is when the demo began."""

    end: datetime

    @property
    def start(self) -> datetime:
        """The first instant of the history."""
        return self.end - timedelta(days=HISTORY_DAYS)

    def events(self, seed: int = SEED) -> Iterator[EventFields]:
        """The history and what follows it, without end."""
        return simulate.endless(seed=seed, start=self.start, end=self.end, count=HISTORY_EVENTS, facts=HISTORY_FACTS)

    def rate_in_words(self, at: datetime) -> str:
        """How often something happens at an instant, as often as that company has it."""
        an_hour = simulate.rate_per_hour(start=self.start, end=self.end, count=HISTORY_EVENTS, at=max(at, self.end))
        return f"about one event every {3600 / an_hour:.0f} s, as this company has at this hour"


def in_words(plan: DemoPlan, compiled: CompiledRegistry) -> str:
    """What the start of a demo says is planted in it, with the owners that a registry names."""
    sentences = planted_in_words(owner_at(compiled), plan.start, plan.end)
    return "\n".join(("demo: a simulated company; planted in it:", *(f"  - {sentence}" for sentence in sentences)))


def owner_at(compiled: CompiledRegistry) -> Owner:
    """Who owns a touchpoint at an instant, whatever the customers' segment and region."""
    return lambda touchpoint, at: compiled.attribution.owner(touchpoint, "", "", "", int(at.timestamp()))


def begun(data: Path, now: datetime) -> DemoPlan:
    """The plan of the demo in a directory: that of its first start, which is noted there."""
    path = data / BEGAN_FILE
    if not path.exists():
        path.write_text(now.astimezone(UTC).isoformat())
    return DemoPlan(datetime.fromisoformat(path.read_text()))


def split(events: Iterator[EventFields], at: datetime) -> tuple[Iterator[EventFields], Iterator[EventFields]]:
    """Events in order of time as those before an instant and the others, which may be read once the first are."""
    later: list[EventFields] = []

    def earlier() -> Iterator[EventFields]:
        for event in events:
            if occurred(event) >= at:
                later.append(event)
                return
            yield event

    return earlier(), chain.from_iterable((later, events))


def occurred(event: EventFields) -> datetime:
    """When an event occurred."""
    return datetime.fromisoformat(str(event["occurred_at"]))


async def publish_demo(instance: Instance, data: Path, console: Console, progress: DemoProgress) -> None:
    """Publishes a simulated company's history, then what happens there at the time when it happens, until cancelled."""
    settings = connect(data).settings.kafka
    try:
        plan = begun(data, datetime.now(UTC))
        console.print(Text(in_words(plan, load(Path(instance.registry)))))
        past, future = split(plan.events(), datetime.now(UTC))
        history = await publish.publish(settings, _lines(past), backfill=True)
        rate = plan.rate_in_words(datetime.now(UTC))
        console.print(f"demo: {history.count:,} events of {HISTORY_DAYS} days published; it goes on live, {rate}")
        producer = await connected_producer(settings)
        try:
            await _go_on(future, producer, settings.topic, plan, progress)
        finally:
            await producer.stop()
    except (CxbError, KafkaError) as error:
        console.print(Text(f"demo: stopped: {error}"))


async def _go_on(
    events: Iterable[EventFields], producer: AIOKafkaProducer, topic: str, plan: DemoPlan, progress: DemoProgress
) -> None:
    for event in events:
        progress.text = f"live: {plan.rate_in_words(datetime.now(UTC))}"
        await asyncio.sleep(max(0.0, (occurred(event) - datetime.now(UTC)).total_seconds()))
        await producer.send(topic, next(_lines([event])))


def _lines(events: Iterable[EventFields]) -> Iterator[bytes]:
    return (line.strip() for line in simulate.ndjson(events))
