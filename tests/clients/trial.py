"""One client in one configuration: publishes events to a broker, and reads them back as a member of a group."""

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.clients.catalogue import Client
from tests.kafka.broker import KafkaBroker
from tests.streams.embedded.fronted import TOPIC, Fronted

EVENTS = 2_000
PATIENCE_S = 60.0
PARTITIONS = 3
SAID = 400
"""How much of what a program says on its way out is shown, in characters."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: how long publishing and reading took, and what was wrong; empty if nothing was."""

    publish_s: float
    consume_s: float
    wrong: str = ""

    def __str__(self) -> str:
        return self.wrong or f"ok, {self.publish_s:.1f} + {self.consume_s:.1f} s"


class Failed(Exception):
    """A program did not do what it should."""


def events() -> Sequence[tuple[str, str]]:
    """Customers and what they did."""
    rest = {"source": "shop", "kind": "visit", "touchpoint": "web.site", "occurred_at": "2026-11-30T09:00:00Z"}
    customers = [f"c-{number % 97}" for number in range(EVENTS)]
    return [(who, json.dumps({"event_id": f"e-{n}", "customer": who, **rest})) for n, who in enumerate(customers)]


async def on_kafka(client: Client, codec: str, acks: str, kafka: KafkaBroker) -> Outcome:
    """The trial on a real Kafka, in a topic of its own."""
    topic = f"{client.name}.{codec}.{acks}"
    await asyncio.to_thread(kafka.create_topic, topic, PARTITIONS)
    try:
        return await _there_and_back(client, kafka.bootstrap, topic, codec, acks)
    except Failed as failure:
        return Outcome(0, 0, str(failure))


async def on_embedded(client: Client, codec: str, acks: str, directory: Path) -> Outcome:
    """The trial on an embedded broker of its own, which is killed at last: what it had accepted must come back."""
    await asyncio.to_thread(directory.mkdir, parents=True)
    embedded = Fronted(directory)
    try:
        await embedded.start()
        outcome = await _there_and_back(client, embedded.address, TOPIC, codec, acks)
        await embedded.kill(lambda it: it.broker)
        kept = (await embedded.start()).events
        return outcome if kept == EVENTS else Outcome(0, 0, f"after kill -9, {kept} of {EVENTS} events came back")
    except Failed as failure:
        return Outcome(0, 0, str(failure))
    finally:
        await embedded.end()


async def _there_and_back(client: Client, address: str, topic: str, codec: str, acks: str) -> Outcome:
    sent = events()
    start_s = time.monotonic()
    lines = "".join(f"{customer}\t{event}\n" for customer, event in sent)
    await run([*client.run, "publish", address, topic, codec, acks], lines)
    published_s = time.monotonic()
    read = (await run([*client.run, "consume", address, topic, "readers", str(EVENTS)], "")).splitlines()
    compare(Counter(event for _, event in sent), Counter(read))
    return Outcome(published_s - start_s, time.monotonic() - published_s)


def compare(sent: Counter[str], read: Counter[str]) -> None:
    """Raises Failed where something is missing, or was not sent, or is there twice."""
    missing, more = sent - read, read - sent
    if missing or more:
        raise Failed(f"{missing.total()} of {sent.total()} events are missing, {more.total()} were not sent")


async def run(command: Sequence[str], given: str, **environment: str) -> str:
    """What a program says, given its input and more in its environment.

    Raises:
        Failed: it ended with an error, or took longer than PATIENCE_S.
    """
    pipe, variables = asyncio.subprocess.PIPE, os.environ | environment
    program = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=variables)
    name = next((word for word in ("publish", "consume") if word in command), Path(command[0]).name)
    try:
        async with asyncio.timeout(PATIENCE_S):
            out, err = await program.communicate(given.encode())
    except TimeoutError:
        program.kill()
        out, err = await program.communicate()
        lines = len(out.splitlines())
        raise Failed(f"{name} took longer than {PATIENCE_S:g} s, {lines} lines: {_end(err)}") from None
    if program.returncode:
        raise Failed(f"{name} ended with {program.returncode}: {_end(err)}")
    return out.decode()


def _end(said: bytes) -> str:
    return " ".join(said.decode(errors="replace").split())[-SAID:]
