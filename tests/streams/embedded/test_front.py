"""The front within this process, before a real broker; the disk is held up."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from kio.schema.errors import ErrorCode

from streams.embedded import tansu, wire
from streams.embedded.ends import Ends
from streams.embedded.front import Front
from streams.embedded.held_ports import listener
from streams.embedded.keeper import Keeper
from streams.embedded.processes import Command, Lifeline, free_port, start
from streams.embedded.services import kafka_answers
from streams.embedded.spool import Spool
from streams.runtime.unpacking import MOST_UNPACKED_BYTES
from tests.streams.embedded.batches import BROKEN, batch
from tests.streams.embedded.fronted import GROUP, TOPIC
from tests.streams.embedded.test_wire import errors

PLACE = (TOPIC, 0)


class HeldUp(Keeper):
    """A keeper of which the disk is slow: it goes on when `disk` is set."""

    def __init__(self, spool: Spool) -> None:
        super().__init__(spool, lambda: 0.0)
        self.disk = asyncio.Event()

    async def keep(self, parts: Sequence[tuple[int, bytes]]) -> list[int]:
        await self.disk.wait()
        return await super().keep(parts)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[int]:
    port, lifeline = free_port(0), Lifeline()
    argv = tansu.arguments(tansu.verified_program(), port, port)
    child = await start(Command("broker", argv, tansu.ENVIRONMENT, tmp_path / "log"), lifeline)
    while not await kafka_answers(f"127.0.0.1:{port}"):
        assert child.exit_code is None
    yield port
    await child.stop(5)
    lifeline.close()


@pytest.fixture
async def keeper(tmp_path: Path) -> AsyncIterator[HeldUp]:
    held_up = HeldUp(Spool(tmp_path / "spool", reserve_bytes=0))
    task = asyncio.create_task(held_up.run())
    yield held_up
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await held_up.close()


@pytest.fixture
async def port(broker: int, keeper: HeldUp) -> AsyncIterator[int]:
    front = Front(broker, GROUP, {TOPIC: keeper})
    server = await front.serve(listener(0))
    yield server.sockets[0].getsockname()[1]
    server.close()
    await front.hang_up()


async def connect(port: int) -> Ends:
    return Ends(*await asyncio.open_connection("127.0.0.1", port))


async def produce(client: Ends, parts: dict[wire.Place, bytes]) -> dict[wire.Place, ErrorCode]:
    await client.send(wire.produce_request(parts, correlation=7))
    async with asyncio.timeout(10):
        return errors(await client.frame())


async def make_topic(client: Ends, partitions: int) -> None:
    await client.send(wire.create_topic_request(TOPIC, partitions, correlation=1))
    assert wire.created(await client.frame())


async def offsets(client: Ends) -> dict[wire.Place, int]:
    async with asyncio.timeout(10):
        return wire.base_offsets(await client.frame(), wire.OUR_PRODUCE_VERSION)


async def test_no_acknowledgement_comes_before_the_disk_has_it(port: int, broker: int, keeper: HeldUp) -> None:
    client = await connect(port)
    await make_topic(client, 1)
    await client.send(wire.produce_request({PLACE: batch(b"first")}, correlation=1))
    answer = asyncio.create_task(offsets(client))
    # Others are served meanwhile: the broker has had time to answer, had it been asked.
    other = await connect(port)
    await other.send(wire.produce_request({("other", 0): batch(b"value")}, correlation=1))
    assert await offsets(other) == {("other", 0): 0}
    assert not answer.done()
    keeper.disk.set()
    assert await answer == {PLACE: 0}
    for connection in (client, other):
        connection.writer.close()


async def test_answers_come_in_the_order_of_the_requests_also_ours(port: int, keeper: HeldUp) -> None:
    keeper.disk.set()
    client = await connect(port)
    await make_topic(client, 1)
    wrong = batch(b"value")[:-1] + b"!"
    await client.send(
        wire.produce_request({PLACE: batch(b"a", b"b")}, correlation=1),
        wire.produce_request({PLACE: wrong}, correlation=2),
        wire.create_topic_request("new", 1, correlation=3),
        wire.produce_request({PLACE: batch(b"c")}, correlation=4),
    )
    answers = [await client.frame() for _ in range(4)]
    assert [int.from_bytes(answer[:4], "big") for answer in answers] == [1, 2, 3, 4]
    found = [wire.base_offsets(answers[number], wire.OUR_PRODUCE_VERSION) for number in (0, 1, 3)]
    assert found == [{PLACE: 0}, {}, {PLACE: 2}]
    assert wire.created(answers[2])
    client.writer.close()


@pytest.mark.parametrize("partition", [4, 50, -1, 2**31 - 1])
async def test_a_partition_that_the_topic_does_not_have_is_refused_and_nothing_of_it_is_kept(
    port: int, keeper: HeldUp, tmp_path: Path, partition: int
) -> None:
    keeper.disk.set()
    client = await connect(port)
    await make_topic(client, 4)
    parts = {(TOPIC, partition): batch(b"lost"), (TOPIC, 3): batch(b"value")}
    assert await produce(client, parts) == {
        (TOPIC, partition): ErrorCode.unknown_topic_or_partition,
        (TOPIC, 3): ErrorCode.kafka_storage_error,  # to be tried again
    }
    assert await produce(client, {(TOPIC, 3): batch(b"value")}) == {(TOPIC, 3): ErrorCode.none}
    assert list((tmp_path / "spool").glob("*.log"))
    assert not any(b"lost" in path.read_bytes() for path in (tmp_path / "spool").glob("*.log"))
    client.writer.close()


async def test_a_topic_that_is_made_after_a_refusal_is_published_to(port: int, keeper: HeldUp) -> None:
    keeper.disk.set()
    client = await connect(port)
    assert await produce(client, {PLACE: batch(b"early")}) == {PLACE: ErrorCode.unknown_topic_or_partition}
    await make_topic(client, 1)
    assert await produce(client, {PLACE: batch(b"value")}) == {PLACE: ErrorCode.none}
    client.writer.close()


async def test_broken_batches_with_a_right_checksum_are_refused_and_nothing_of_them_is_kept(
    port: int, keeper: HeldUp, tmp_path: Path
) -> None:
    keeper.disk.set()
    client = await connect(port)
    await make_topic(client, 2)
    answers = {name: await produce(client, {PLACE: broken}) for name, broken in BROKEN.items()}
    assert answers == {name: {PLACE: ErrorCode.invalid_record} for name in BROKEN}
    assert not list((tmp_path / "spool").glob("*.log"))
    other = (TOPIC, 1)
    both = {PLACE: BROKEN["no records"], other: batch(b"value")}
    assert await produce(client, both) == {PLACE: ErrorCode.invalid_record, other: ErrorCode.kafka_storage_error}
    assert await produce(client, {other: batch(b"value")}) == {other: ErrorCode.none}
    client.writer.close()


@pytest.mark.parametrize("compression", [1, 2, 3, 4])
async def test_a_batch_that_unpacks_to_too_much_is_refused_and_nothing_of_it_is_kept(
    port: int, keeper: HeldUp, tmp_path: Path, compression: int
) -> None:
    keeper.disk.set()
    client = await connect(port)
    await make_topic(client, 1)
    bomb = batch(bytes(MOST_UNPACKED_BYTES), compression=compression)
    assert len(bomb) < MOST_UNPACKED_BYTES / 10
    assert await produce(client, {PLACE: bomb}) == {PLACE: ErrorCode.message_too_large}
    assert not list((tmp_path / "spool").glob("*.log"))
    assert await produce(client, {PLACE: batch(b"value")}) == {PLACE: ErrorCode.none}
    client.writer.close()


async def test_reading_a_large_request_holds_nobody_else_up(port: int, keeper: HeldUp) -> None:
    keeper.disk.set()
    client, other = await connect(port), await connect(port)
    await make_topic(client, 1)
    large = batch(*[b""] * 100_000)
    await client.send(wire.produce_request({PLACE: large * 6}, correlation=1))
    answer = asyncio.create_task(offsets(client))
    assert await produce(other, {PLACE: batch(b"small")}) == {PLACE: ErrorCode.none}
    assert not answer.done()
    assert (await answer).keys() == {PLACE}
    for connection in (client, other):
        connection.writer.close()
