import sys
from typing import Any

import pytest
from kio.index import load_request_schema, load_response_schema
from kio.schema.errors import ErrorCode
from kio.serial import entity_reader
from kio.static.primitive import i32Timedelta

from streams.embedded import wire
from tests.streams.embedded.batches import batch

PLACE = ("cx.touchpoints", 3)
RECORDS = batch(b"value")


def part_of(schema: Any, name: str) -> Any:
    return getattr(sys.modules[schema.__module__], name)


def request_head(schema: Any) -> Any:
    return schema.__header_schema__(
        request_api_key=schema.__api_key__, request_api_version=schema.__version__, correlation_id=7, client_id="c"
    )


def produce(version: int, acks: int = -1) -> bytes:
    """A Produce request without its length."""
    schema: Any = load_request_schema(wire.PRODUCE, version)
    part = part_of(schema, "PartitionProduceData")(index=PLACE[1], records=RECORDS)
    topic = part_of(schema, "TopicProduceData")(name=PLACE[0], partition_data=(part,))
    timeout = i32Timedelta.parse(wire.PATIENCE)
    request = schema(transactional_id=None, acks=acks, timeout=timeout, topic_data=(topic,))
    return wire.framed(request_head(schema), request)[4:]


def response(frame: bytes, api: int, version: int) -> Any:
    schema: Any = load_response_schema(api, version)
    head, size = entity_reader(schema.__header_schema__)(frame, 0)
    assert head.correlation_id == 7
    entity, rest = entity_reader(schema)(frame, size)
    assert size + rest == len(frame)
    return entity


def errors(frame: bytes) -> dict[wire.Place, ErrorCode]:
    """What the answer to a request of ours says of each place."""
    topics = response(frame, wire.PRODUCE, wire.OUR_PRODUCE_VERSION).responses
    return {(topic.name, part.index): part.error_code for topic in topics for part in topic.partition_responses}


@pytest.mark.parametrize("version", wire.PRODUCE_VERSIONS)
def test_record_batches_of_every_version_of_a_request_are_found(version: int) -> None:
    request = wire.read_produce(produce(version))
    assert list(request.parts()) == [(PLACE, RECORDS)]
    assert not request.wants_no_answer


@pytest.mark.parametrize("version", [0, 2, 13, 99])
def test_versions_that_it_cannot_look_into_are_not_taken(version: int) -> None:
    frame = b"\0\0" + version.to_bytes(2, "big") + produce(9)[4:]
    with pytest.raises(wire.Unsupported, match=f"version {version} of request 0"):
        wire.read_produce(frame)


@pytest.mark.parametrize("version", wire.PRODUCE_VERSIONS)
def test_a_refusal_answers_for_every_partition_in_the_version_of_the_request(version: int) -> None:
    refusal = wire.read_produce(produce(version)).refusal({})
    assert int.from_bytes(refusal[:4], "big") == len(refusal) - 4
    [topic] = response(refusal[4:], wire.PRODUCE, version).responses
    [part] = topic.partition_responses
    assert (topic.name, part.index, part.error_code) == (*PLACE, ErrorCode.kafka_storage_error)
    assert wire.base_offsets(refusal[4:], version) == {}


def test_a_refusal_says_what_is_wrong_with_one_part_and_that_others_may_be_tried_again() -> None:
    other = ("other", 0)
    request = wire.read_produce(wire.produce_request({PLACE: RECORDS, other: RECORDS}, correlation=7)[4:])
    refusal = request.refusal({PLACE: ErrorCode.invalid_record})
    assert errors(refusal[4:]) == {PLACE: ErrorCode.invalid_record, other: ErrorCode.kafka_storage_error}
    assert ErrorCode.kafka_storage_error.retriable


@pytest.mark.parametrize("version", wire.PRODUCE_VERSIONS)
def test_a_request_without_an_answer_is_passed_on_as_one_with_an_answer(version: int) -> None:
    request = wire.read_produce(produce(version, acks=0))
    assert request.wants_no_answer
    passed_on = wire.read_produce(request.answered([b"other records"])[4:])
    assert passed_on.head == request.head
    assert passed_on.request.acks == 1
    assert list(passed_on.parts()) == [(PLACE, b"other records")]


@pytest.mark.parametrize("acks", [-1, 1])
def test_a_request_with_an_answer_keeps_what_it_waits_for(acks: int) -> None:
    request = wire.read_produce(produce(9, acks=acks))
    assert wire.read_produce(request.answered([RECORDS])[4:]) == request


@pytest.mark.parametrize("version", wire.OFFSET_COMMIT_VERSIONS)
def test_commits_of_every_version_are_read(version: int) -> None:
    schema: Any = load_request_schema(wire.OFFSET_COMMIT, version)
    part = part_of(schema, "OffsetCommitRequestPartition")(
        partition_index=PLACE[1], committed_offset=42, committed_metadata=None
    )
    topic = part_of(schema, "OffsetCommitRequestTopic")(name=PLACE[0], partitions=(part,))
    request = schema(group_id="cx-balance", member_id="m", topics=(topic,))
    assert wire.read_offset_commit(wire.framed(request_head(schema), request)[4:]) == ("cx-balance", {PLACE: 42})


@pytest.mark.parametrize("version", wire.OFFSET_COMMIT_VERSIONS)
def test_only_commits_that_the_broker_accepted_count(version: int) -> None:
    schema: Any = load_response_schema(wire.OFFSET_COMMIT, version)
    part = part_of(schema, "OffsetCommitResponsePartition")
    parts = (
        part(partition_index=3, error_code=ErrorCode.none),
        part(partition_index=4, error_code=ErrorCode.unknown_member_id),
    )
    topic = part_of(schema, "OffsetCommitResponseTopic")(name=PLACE[0], partitions=parts)
    times = {"throttle_time": i32Timedelta.parse(wire.PATIENCE)} if version >= 3 else {}
    frame = wire.framed(schema.__header_schema__(correlation_id=7), schema(topics=(topic,), **times))
    assert wire.accepted_commits(frame[4:], version) == {PLACE}


def test_a_request_of_ours_has_all_its_parts() -> None:
    parts = {("a", 0): RECORDS, ("a", 1): RECORDS, ("b", 0): RECORDS}
    assert dict(wire.read_produce(wire.produce_request(parts, correlation=1)[4:]).parts()) == parts
