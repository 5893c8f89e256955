"""The embedded broker behind its front, as a process that may die."""

import asyncio
import resource
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError, KafkaStorageError

from streams.embedded import brought_back, losses, wire
from streams.embedded.processes import ACCEPT_NO_MORE
from streams.embedded.spool import Spool
from streams.embedded.waiting import left
from tests.known import known
from tests.streams.embedded.batches import BROKEN, batch
from tests.streams.embedded.fronted import TOPIC, Fronted, ask, commit, producer, publish, read
from tests.streams.embedded.processes_of import until

pytestmark = pytest.mark.embedded
VALUES = [b"event %d" % number for number in range(1000)]


@pytest.fixture
async def fronted(tmp_path: Path) -> AsyncIterator[Fronted]:
    started = Fronted(tmp_path)
    yield started
    await started.end()


@pytest.mark.parametrize("victim", ["front", "broker"])
async def test_what_was_acknowledged_is_there_after_kill_9(victim: str, fronted: Fronted) -> None:
    await fronted.start()
    await publish(fronted.address, VALUES)
    await fronted.kill(lambda it: it.broker if victim == "broker" else it.child.pid)  # type: ignore[union-attr]
    assert (await fronted.start()).events == len(VALUES)
    assert await read(fronted.address, len(VALUES)) == VALUES
    await fronted.stop()
    assert (await fronted.start()).events == len(VALUES)  # it has not landed by that


async def test_an_idempotent_producer_outlives_the_broker_and_all_that_it_published_is_there_once(
    fronted: Fronted,
) -> None:
    await fronted.start()
    async with producer(fronted.address, enable_idempotence=True) as client:
        for half in (VALUES[:500], VALUES[500:]):
            for future in [await client.send(TOPIC, value, partition=0) for value in half]:
                await future
            await fronted.kill(lambda it: it.broker)
            await fronted.start()
    assert brought_back.read(fronted.spool).events == len(VALUES)
    assert await read(fronted.address, len(VALUES)) == VALUES


async def test_producers_with_the_same_id_of_different_lives_do_not_take_each_others_places(fronted: Fronted) -> None:
    await fronted.start()
    async with producer(fronted.address, enable_idempotence=True) as old:
        await old.send_and_wait(TOPIC, b"old", partition=0)
        await fronted.kill(lambda it: it.broker)
        await fronted.start()
        async with producer(fronted.address, enable_idempotence=True) as new:
            assert await new.send_and_wait(TOPIC, b"new", partition=0)
            await new.send_and_wait(TOPIC, b"new again", partition=0)
        await old.send_and_wait(TOPIC, b"old again", partition=0)
    assert await read(fronted.address, 4) == [b"old", b"new", b"new again", b"old again"]


async def test_entries_of_idempotent_producers_of_versions_before_are_brought_back(fronted: Fronted) -> None:
    spool = Spool(fronted.spool / TOPIC)
    for first, value in ((5, b"sixth"), (6, b"seventh"), (0, b"first")):
        spool.write([(0, batch(value, producer=7, first=first))], 0.0)
    spool.close()
    result = await fronted.start()
    assert (result.events, result.refused_entries) == (3, 0)
    assert await read(fronted.address, 3) == [b"sixth", b"seventh", b"first"]


@pytest.mark.long
async def test_what_was_committed_is_not_brought_back_and_leaves_the_disk(fronted: Fronted) -> None:
    await fronted.start()
    await publish(fronted.address, VALUES)
    await commit(fronted.address, len(VALUES))
    await until(lambda: sum(path.stat().st_size for path in fronted.segments()) == 0)
    await publish(fronted.address, VALUES[:10])
    await fronted.kill(lambda it: it.broker)
    assert (await fronted.start()).events == 10
    assert await read(fronted.address, 10) == VALUES[:10]


@pytest.mark.long
async def test_topics_are_made_at_every_start_with_their_partitions_also_when_nothing_is_brought_back(
    fronted: Fronted,
) -> None:
    await fronted.start()
    async with producer(fronted.address) as client:
        assert await client.partitions_for(TOPIC) == {0, 1, 2, 3}
        await client.send_and_wait(TOPIC, b"before", partition=3)
        await commit(fronted.address, 1)
        await until(lambda: sum(path.stat().st_size for path in fronted.segments()) == 0)
        await fronted.kill(lambda it: it.broker)
        assert (await fronted.start()).events == 0
        await client.send_and_wait(TOPIC, b"after", partition=3)  # by what it knows of the topic from before
    assert await read(fronted.address, 1, partition=3) == [b"after"]
    assert "a publisher was refused" not in fronted.log


async def test_a_segment_that_is_gone_is_noticed_once_noted_for_good_and_the_rest_is_brought_back(
    fronted: Fronted,
) -> None:
    await fronted.start()
    for value in VALUES[:5]:
        await publish(fronted.address, [value])
    await fronted.stop()
    [segment] = fronted.segments()
    content = segment.read_bytes()
    with segment.open("r+b") as file:
        file.truncate(content.rfind(b"\xc5cx1"))
    result = await fronted.start()
    assert (result.events, result.missing_entries, result.damaged_bytes) == (4, 1, 0)
    assert "accepted and are lost: 1; see cxb doctor" in str(result)
    assert "entries 5 to 5 of the spool of cx.touchpoints were accepted and are lost" in fronted.log
    assert [(loss.topic, loss.entries) for loss in losses.read(fronted.spool)] == [(TOPIC, 1)]
    assert await left(fronted.spool / TOPIC, 0.0) == {0: 4}
    await publish(fronted.address, VALUES[5:6])
    await fronted.kill(lambda it: it.broker)
    result = await fronted.start()
    assert (result.events, result.missing_entries) == (5, 0)
    assert len(losses.read(fronted.spool)) == 1


@pytest.mark.long
async def test_what_another_group_has_committed_is_brought_back(fronted: Fronted) -> None:
    await fronted.start()
    await publish(fronted.address, VALUES)
    await commit(fronted.address, len(VALUES), group="somebody else")
    await fronted.stop()
    assert (await fronted.start()).events == len(VALUES)


async def test_an_entry_that_was_being_written_when_the_power_went_is_left_out_and_counted(fronted: Fronted) -> None:
    await fronted.start()
    await publish(fronted.address, VALUES[:500])
    await publish(fronted.address, VALUES[500:501])
    await fronted.kill(lambda it: it.broker)
    [segment] = fronted.segments()
    whole = segment.stat().st_size
    with segment.open("r+b") as file:
        file.truncate(whole - 3)
    result = await fronted.start()
    assert result.events == 500
    assert 0 < result.damaged_bytes < 200
    assert "bytes of the spool that are damaged or half-written" in str(result)
    assert await read(fronted.address, 500) == VALUES[:500]


async def test_a_full_disk_is_never_acknowledged_and_publishing_goes_on_when_there_is_room(fronted: Fronted) -> None:
    await fronted.start()
    assert fronted.child is not None
    await publish(fronted.address, VALUES)
    room = sum(path.stat().st_size for path in fronted.segments()) + 1000
    resource.prlimit(fronted.child.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    with pytest.raises(KafkaError):
        await publish(fronted.address, [b"x" * 100_000], request_timeout_ms=1500)
    resource.prlimit(fronted.child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await publish(fronted.address, [b"there is room"])
    await fronted.kill(lambda it: it.broker)
    assert (await fronted.start()).events == len(VALUES) + 1
    assert await read(fronted.address, len(VALUES) + 1) == [*VALUES, b"there is room"]


async def test_without_the_reserve_a_publisher_gets_an_error_that_it_tries_again(fronted: Fronted) -> None:
    await fronted.start("--reserve-bytes", str(1 << 60))
    async with producer(fronted.address, request_timeout_ms=1000) as client:
        with pytest.raises(KafkaStorageError) as raised:
            await client.send_and_wait(TOPIC, b"value", partition=0)
    assert raised.value.retriable
    assert "a publisher was refused" in fronted.log


async def test_events_that_want_no_answer_are_kept_as_well(fronted: Fronted) -> None:
    await fronted.start()
    async with producer(fronted.address, acks=0) as client:
        for value in VALUES:
            await client.send(TOPIC, value, partition=0)
    # Its connection is closed: whatever it had sent is in the spool.
    await publish(fronted.address, [b"last"])
    await fronted.kill(lambda it: it.broker)
    assert (await fronted.start()).events == len(VALUES) + 1
    assert sorted(await read(fronted.address, len(VALUES) + 1)) == sorted([*VALUES, b"last"])


async def test_dead_letters_are_kept_and_other_topics_are_not(fronted: Fronted) -> None:
    await fronted.start()
    await publish(fronted.address, [b"letter"], topic="cx.touchpoints.dlq")
    await publish(fronted.address, [b"other"], topic="other")
    await fronted.kill(lambda it: it.broker)
    result = await fronted.start()
    assert (result.events, result.dead_letters) == (0, 1)
    assert await read(fronted.address, 1, "cx.touchpoints.dlq") == [b"letter"]


async def test_a_broker_of_an_instance_that_stops_refuses_events_and_takes_dead_letters(fronted: Fronted) -> None:
    await fronted.start()
    await publish(fronted.address, VALUES[:3])
    known(fronted.child).send(ACCEPT_NO_MORE)
    await until(lambda: "nothing more is accepted" in fronted.log)
    with pytest.raises(KafkaStorageError):
        await publish(fronted.address, [b"late"], request_timeout_ms=1000)
    await publish(fronted.address, [b"letter"], topic="cx.touchpoints.dlq")
    await fronted.stop()
    result = await fronted.start()
    assert (result.events, result.dead_letters) == (3, 1)
    await publish(fronted.address, VALUES[3:4])


async def test_an_entry_that_is_no_record_batch_is_set_aside_and_stops_nothing(fronted: Fronted) -> None:
    await fronted.start()
    await publish(fronted.address, VALUES[:3])
    await fronted.stop()
    spool = Spool(fronted.spool / TOPIC)
    spool.write([(0, b"not a batch")], 0.0)
    spool.close()
    result = await fronted.start()
    assert (result.events, result.refused_entries) == (3, 1)
    assert await read(fronted.address, 3) == VALUES[:3]
    [refused] = (fronted.spool / TOPIC / "refused").glob("*.log")
    assert b"not a batch" in refused.read_bytes()


async def test_entries_for_partitions_that_no_topic_has_are_set_aside_and_others_land_where_they_were(
    fronted: Fronted,
) -> None:
    spool = Spool(fronted.spool / TOPIC)
    spool.write([(partition, batch(b"for %d" % partition)) for partition in (-1, 0, 50, 10_000, 2**31 - 1)], 0.0)
    spool.close()
    result = await fronted.start()
    assert (result.events, result.refused_entries) == (2, 3)
    assert "entries of the spool that could not be brought back: 3" in str(result)
    assert await read(fronted.address, 1) == [b"for 0"]
    assert await read(fronted.address, 1, partition=50) == [b"for 50"]
    refused = b"".join(path.read_bytes() for path in (fronted.spool / TOPIC / "refused").glob("*.log"))
    assert all(b"for %d" % partition in refused for partition in (-1, 10_000, 2**31 - 1))
    await fronted.stop()
    assert (await fronted.start()).refused_entries == 0


async def test_broken_batches_of_before_are_set_aside_and_what_is_around_them_lands(fronted: Fronted) -> None:
    spool = Spool(fronted.spool / TOPIC)
    for broken in BROKEN.values():
        spool.write([(0, broken), (0, batch(b"whole"))], 0.0)
    spool.close()
    result = await fronted.start()
    assert (result.events, result.refused_entries) == (len(BROKEN), len(BROKEN))
    assert await read(fronted.address, len(BROKEN)) == [b"whole"] * len(BROKEN)


async def test_api_versions_of_the_future_are_answered_with_what_to_ask_for(fronted: Fronted) -> None:
    await fronted.start()
    answer = await ask(fronted.address, 18, 5, b"\0" + b"\x02a\x02b\0")
    assert answer == struct.pack(">hihhh", 35, 1, 18, 0, 4)
    (error,) = struct.unpack(">h", (await ask(fronted.address, 18, 4, b"\0" + b"\x02a\x02b\0"))[:2])
    assert error == 0


async def test_a_batch_with_a_wrong_checksum_is_refused(fronted: Fronted) -> None:
    await fronted.start()
    await publish(fronted.address, [b"first"])  # which makes the topic
    whole = batch(b"value")
    for records, accepted in ((whole, True), (whole[:-1] + b"!", False)):
        request = wire.produce_request({(TOPIC, 0): records}, correlation=7)
        reader, writer = await asyncio.open_connection("127.0.0.1", fronted.port)
        writer.write(request)
        answer = await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))
        writer.close()
        assert (wire.base_offsets(answer, wire.OUR_PRODUCE_VERSION) != {}) == accepted


async def test_what_is_not_kafka_is_cut_off(fronted: Fronted) -> None:
    await fronted.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", fronted.port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()
    assert "a client was cut off" in fronted.log
    await publish(fronted.address, [b"others go on"])


async def test_a_port_that_is_taken_is_reported(fronted: Fronted) -> None:
    with socket.create_server(("127.0.0.1", fronted.port)), pytest.raises(AssertionError, match="cannot serve"):
        await fronted.start()
