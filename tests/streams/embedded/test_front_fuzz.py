"""Broken clients before the embedded broker: others are served, and nothing that was accepted is lost."""

import asyncio
import random
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from streams.embedded import wire
from streams.embedded.compatibility import OFFERED
from streams.embedded.ends import LARGEST_FRAME
from tests.streams.embedded.batches import batch
from tests.streams.embedded.fronted import TOPIC, Fronted, publish, read

pytestmark = pytest.mark.embedded
AT_A_TIME = 20
WHOLE = wire.produce_request({(TOPIC, 0): batch(b"mine")}, correlation=7)


@pytest.fixture
async def fronted(tmp_path: Path) -> AsyncIterator[Fronted]:
    started = Fronted(tmp_path)
    yield started
    await started.end()


def framed(body: bytes) -> bytes:
    return wire.SIZE.pack(len(body)) + body


def random_bytes(dice: random.Random) -> Iterator[bytes]:
    """What is not Kafka at all, with and without a length before it."""
    for _ in range(60):
        noise = dice.randbytes(dice.choice([1, 3, 4, 7, 8, 40, 1000]))
        yield dice.choice([noise, framed(noise)])


def strange_lengths(dice: random.Random) -> Iterator[bytes]:
    """Lengths of nothing, below nothing, and of more than is taken or ever comes."""
    for size in (0, -1, -(2**31), 2**31 - 1, LARGEST_FRAME + 1, LARGEST_FRAME, 1, 9):
        yield wire.SIZE.pack(size) + dice.randbytes(6)


def half_frames(dice: random.Random) -> Iterator[bytes]:
    """A request to publish that breaks off."""
    for _ in range(40):
        yield WHOLE[: dice.randrange(len(WHOLE))]


def changed_frames(dice: random.Random) -> Iterator[bytes]:
    """A request to publish with some other bytes before its records, which have a checksum."""
    for _ in range(60):
        frame = bytearray(WHOLE)
        for _ in range(dice.randint(1, 3)):
            frame[dice.randrange(4, len(frame) - len(batch(b"mine")))] = dice.randrange(256)
        yield bytes(frame)


def bodies_of_noise(dice: random.Random) -> Iterator[bytes]:
    """Every request that is offered, in every version, with noise for what it asks."""
    for api, (lowest, highest) in OFFERED.items():
        for version in range(lowest, highest + 2):
            yield framed(struct.pack(">hhih", api, version, 7, -1) + dice.randbytes(dice.choice([0, 1, 8, 60])))


KINDS = (random_bytes, strange_lengths, half_frames, changed_frames, bodies_of_noise)


async def send(port: int, sent: bytes, dice: random.Random) -> None:
    """Sends it, and goes: at once, or after having heard what there is to hear."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        if dice.random() < 0.5:
            writer.write_eof()
        async with asyncio.timeout(dice.choice([0.0, 0.3])):
            await reader.read()
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, id=kind.__name__, marks=[] if kind is changed_frames else [pytest.mark.long])
        for kind in KINDS
    ],
)
async def test_whatever_broken_clients_send_others_are_served_and_what_was_accepted_stays(
    kind: Callable[[random.Random], Iterator[bytes]], fronted: Fronted
) -> None:
    dice = random.Random(kind.__name__)
    await fronted.start()
    broker = fronted.broker
    before = [b"before %d" % number for number in range(100)]
    await publish(fronted.address, before)
    sent = list(kind(dice))
    for first in range(0, len(sent), AT_A_TIME):
        await asyncio.gather(*(send(fronted.port, noise, dice) for noise in sent[first : first + AT_A_TIME]))
    await publish(fronted.address, [b"after"])
    assert fronted.broker == broker
    assert "Traceback" not in fronted.log, fronted.log
    there = await read(fronted.address, len(before))
    await fronted.kill(lambda it: it.broker)
    # Of the changed requests some are whole: what they brought is there too.
    assert (await fronted.start()).events >= len(before) + 1
    assert there == before
    assert await read(fronted.address, len(before)) == before
