"""What the front makes of requests that the embedded broker does not answer as Kafka does; the broker is real."""

import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from kio.index import load_request_schema
from kio.schema.errors import ErrorCode

from streams.embedded import deletions, ends, tansu, wire
from streams.embedded.compatibility import (
    API_VERSIONS,
    INIT_PRODUCER_ID,
    JOIN_GROUP,
    LIST_OFFSETS,
    LONGEST_SESSION,
    OFFERED,
    Compatibility,
    api_versions,
)
from streams.embedded.processes import Command, Lifeline, free_port, start
from streams.embedded.services import kafka_answers
from tests.streams.embedded.batches import batch

WORKERS = "cx-balance"
TOPIC = "events"
BATCHES = (batch(b"first"), batch(b"second", b"third"), batch(b"fourth", b"fifth", b"sixth"))
LATEST, EARLIEST = -1, -2


def versions(api: int) -> range:
    lowest, highest = OFFERED[api]
    return range(lowest, highest + 1)


def frame(request: Any) -> bytes:
    """Without its length."""
    return wire.framed(wire.request_head(type(request), 7), request)[4:]


async def answered(compatible: Compatibility, request: Any) -> Any:
    """What a client reads in the front's own answer."""
    sent = frame(request)
    answer = await compatible.answer(sent, wire.beginning(sent))
    assert answer is not None
    assert answer[4:8] == (7).to_bytes(4, "big")
    return wire.read_response(answer[4:], request.__api_key__, request.__version__)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    port, lifeline = free_port(0), Lifeline()
    argv = tansu.arguments(tansu.verified_program(), port, port)
    log: Path = tmp_path_factory.mktemp("broker") / "log"
    child = await start(Command("broker", argv, tansu.ENVIRONMENT, log), lifeline)
    while not await kafka_answers(f"127.0.0.1:{port}"):
        assert child.exit_code is None
    await ends.ask(port, wire.create_topic_request(TOPIC, 2, correlation=1))
    for records in BATCHES:
        await ends.ask(port, wire.produce_request({(TOPIC, 0): records}, correlation=1))
    yield port
    await child.stop(5)
    lifeline.close()


@pytest.fixture
def compatible(broker: int) -> Compatibility:
    return Compatibility(broker, WORKERS)


@pytest.mark.parametrize("version", versions(API_VERSIONS))
def test_every_version_of_api_versions_tells_what_is_offered_and_nothing_more(version: int) -> None:
    answer = api_versions(wire.Beginning(API_VERSIONS, version, 7))[4:]
    response = wire.read_response(answer, API_VERSIONS, version)
    assert response.error_code is ErrorCode.none
    assert {key.api_key: (key.min_version, key.max_version) for key in response.api_keys} == OFFERED
    # Old librdkafka cannot read fields of later versions, which stand behind a count that is 0 here.
    assert version < 3 or answer.endswith(bytes(5))


@pytest.mark.parametrize("version", [5, 6, 32767, -1])
def test_a_version_of_the_future_is_answered_with_what_to_ask_for_as_kafka_does(version: int) -> None:
    answer = wire.read_response(api_versions(wire.Beginning(API_VERSIONS, version, 7))[4:], API_VERSIONS, 0)
    assert answer.error_code is ErrorCode.unsupported_version
    assert [(key.api_key, key.min_version, key.max_version) for key in answer.api_keys] == [(API_VERSIONS, 0, 4)]


async def test_nothing_is_offered_that_the_broker_does_not_have(broker: int) -> None:
    request: Any = load_request_schema(API_VERSIONS, 0)
    answer = await ends.ask(broker, wire.framed(wire.request_head(request, 7), request()))
    has = {key.api_key: key for key in wire.read_response(answer, API_VERSIONS, 0).api_keys}
    for api, (lowest, highest) in OFFERED.items():
        assert has[api].min_version <= lowest <= highest <= has[api].max_version, api


@pytest.mark.parametrize("api", sorted(OFFERED))
def test_the_lowest_version_is_the_one_of_kafka_4(api: int) -> None:
    lowest = OFFERED[api][0]
    if api == wire.PRODUCE:
        assert lowest == 0
        lowest = wire.PRODUCE_VERSIONS.start
    assert load_request_schema(api, lowest)
    with pytest.raises(Exception, match="path for"):
        load_request_schema(api, lowest - 1)


@pytest.mark.parametrize("api", [wire.PRODUCE, wire.OFFSET_COMMIT, deletions.DELETE_TOPICS])
def test_the_front_looks_into_every_version_that_it_offers(api: int) -> None:
    read = {
        wire.PRODUCE: wire.PRODUCE_VERSIONS,
        wire.OFFSET_COMMIT: wire.OFFSET_COMMIT_VERSIONS,
        deletions.DELETE_TOPICS: deletions.DELETE_TOPICS_VERSIONS,
    }[api]
    assert versions(api)[-1] in read
    assert api == wire.PRODUCE or versions(api)[0] in read


def list_offsets(version: int, stamps: dict[int, int], topic: str = TOPIC, isolation: int = 0) -> Any:
    schema: Any = load_request_schema(LIST_OFFSETS, version)
    part = wire.sibling(schema, "ListOffsetsPartition")
    parts = tuple(part(partition_index=partition, timestamp=stamp) for partition, stamp in stamps.items())
    topics = (wire.sibling(schema, "ListOffsetsTopic")(name=topic, partitions=parts),)
    return schema(replica_id=-1, topics=topics, **({"isolation_level": isolation} if version > 1 else {}))


@pytest.mark.parametrize("isolation", [0, 1])
@pytest.mark.parametrize("version", versions(LIST_OFFSETS))
async def test_the_end_of_a_log_is_behind_its_last_record(
    version: int, isolation: int, compatible: Compatibility
) -> None:
    [topic] = (await answered(compatible, list_offsets(version, {0: LATEST, 1: LATEST}, isolation=isolation))).topics
    assert {part.partition_index: part.offset for part in topic.partitions} == {0: 6, 1: 0}


async def test_other_offsets_are_the_brokers(compatible: Compatibility) -> None:
    [topic] = (await answered(compatible, list_offsets(5, {0: EARLIEST, 1: LATEST}))).topics
    assert [(part.offset, part.error_code) for part in topic.partitions] == [(0, ErrorCode.none), (0, ErrorCode.none)]
    [topic] = (await answered(compatible, list_offsets(5, {0: EARLIEST}))).topics
    assert [part.offset for part in topic.partitions] == [0]


def init_producer_id(version: int, transactional: str | None = None, producer: int = -1) -> Any:
    schema: Any = load_request_schema(INIT_PRODUCER_ID, version)
    ids = {"producer_id": producer, "producer_epoch": producer} if version >= 3 else {}
    return schema(transactional_id=transactional, transaction_timeout=datetime.timedelta(seconds=60), **ids)


@pytest.mark.parametrize("producer", [-1, 0, 5])
@pytest.mark.parametrize("version", versions(INIT_PRODUCER_ID))
async def test_a_producer_gets_an_id_in_every_version_and_another_each_time(
    version: int, producer: int, compatible: Compatibility
) -> None:
    first, second = [await answered(compatible, init_producer_id(version, producer=producer)) for _ in range(2)]
    assert (first.error_code, first.producer_epoch) == (ErrorCode.none, 0)
    assert second.producer_id > first.producer_id >= 0


@pytest.mark.parametrize("version", versions(INIT_PRODUCER_ID))
async def test_a_producer_with_transactions_is_refused_before_it_sends_anything(
    version: int, compatible: Compatibility, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await answered(compatible, init_producer_id(version, "shop"))
    assert answer.error_code is ErrorCode.transactional_id_authorization_failed
    assert answer.producer_id == -1
    assert "leave transactional.id away" in caplog.text


def join(version: int, group: str, session_s: float, member: str = "") -> Any:
    schema: Any = load_request_schema(JOIN_GROUP, version)
    protocol = wire.sibling(schema, "JoinGroupRequestProtocol")(name="range", metadata=b"x")
    session = datetime.timedelta(seconds=session_s)
    more = {"rebalance_timeout": session} if version >= 1 else {}
    return schema(
        group_id=group,
        session_timeout=session,
        member_id=member,
        protocol_type="consumer",
        protocols=(protocol,),
        **more,
    )


async def passed_on(compatible: Compatibility, request: Any) -> Any:
    sent = frame(request)
    assert await compatible.answer(sent, wire.beginning(sent)) is None
    return wire.read_request(await compatible.request(sent, wire.beginning(sent)), versions(JOIN_GROUP))[1]


@pytest.mark.parametrize("version", range(4, 10))
async def test_a_long_session_is_shortened_since_the_broker_makes_half_of_it_a_wait(
    version: int, compatible: Compatibility
) -> None:
    request = await passed_on(compatible, join(version, "readers", 45))
    assert request.session_timeout == LONGEST_SESSION
    assert request.rebalance_timeout.total_seconds() == 45


async def test_a_short_session_and_the_workers_own_are_left_as_they_are(compatible: Compatibility) -> None:
    for group, session_s in (("readers", 6), (WORKERS, 45)):
        assert await passed_on(compatible, join(9, group, session_s)) == join(9, group, session_s)


@pytest.mark.parametrize("version", range(4))
async def test_a_member_whose_version_knows_no_request_for_an_id_gets_one(
    version: int, compatible: Compatibility
) -> None:
    request = await passed_on(compatible, join(version, f"old{version}", 6))
    assert request.member_id
    answer = await ends.ask(compatible.broker_port, wire.framed(wire.request_head(type(request), 7), request))
    joined = wire.read_response(answer, JOIN_GROUP, version)
    assert (joined.error_code, joined.member_id) == (ErrorCode.none, request.member_id)
    assert (await passed_on(compatible, join(version, f"old{version}", 6, "mine"))).member_id == "mine"


async def test_all_other_requests_are_the_brokers(compatible: Compatibility) -> None:
    request: Any = load_request_schema(wire.METADATA, 4)
    sent = frame(request(topics=(), allow_auto_topic_creation=False))
    assert await compatible.answer(sent, wire.beginning(sent)) is None
    assert await compatible.request(sent, wire.beginning(sent)) is sent
