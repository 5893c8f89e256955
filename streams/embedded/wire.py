"""Requests and responses of Kafka's protocol that the front looks into; kio knows how each version is laid out."""

import datetime
import io
import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from kio.index import load_request_schema, load_response_schema
from kio.schema.errors import ErrorCode
from kio.serial import entity_reader, entity_writer
from kio.serial.errors import SerialError

PRODUCE: Final = 0
METADATA: Final = 3
OFFSET_COMMIT: Final = 8
CREATE_TOPICS: Final = 19
PRODUCE_VERSIONS: Final = range(3, 13)  # before: message sets of Kafka 0.10; after: topics by id, which Tansu has not
OFFSET_COMMIT_VERSIONS: Final = range(2, 10)
OUR_PRODUCE_VERSION: Final = 9
OUR_METADATA_VERSION: Final = 4
OUR_CREATE_TOPICS_VERSION: Final = 5
_BEGINNING = struct.Struct(">hhi")
SIZE: Final = struct.Struct(">i")
"""The length that each message begins with."""
PATIENCE = datetime.timedelta(seconds=30)

Place = tuple[str, int]
"""A topic and a partition."""


class Unsupported(Exception):
    """A request that the front cannot look into: of another version, or malformed."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What each request begins with."""

    api: int
    version: int
    correlation: int


def beginning(frame: bytes) -> Beginning:
    """The beginning of a request without its length."""
    return Beginning(*_BEGINNING.unpack_from(frame))


@dataclass(frozen=True, slots=True)
class Produce:
    """A request to append record batches, in any version."""

    head: Any
    request: Any

    @property
    def wants_no_answer(self) -> bool:
        """Whether the client waits for nothing (acks=0)."""
        return bool(self.request.acks == 0)

    def parts(self) -> Iterator[tuple[Place, bytes]]:
        """The record batches for each partition."""
        for topic in self.request.topic_data:
            for part in topic.partition_data:
                yield (topic.name, part.index), part.records or b""

    def answered(self, records: Sequence[bytes]) -> bytes:
        """The same request, framed, with these records in its parts, and answered once it is written."""
        new = iter(records)
        topics = tuple(
            replace(topic, partition_data=tuple(replace(part, records=next(new)) for part in topic.partition_data))
            for topic in self.request.topic_data
        )
        return framed(self.head, replace(self.request, acks=self.request.acks or 1, topic_data=topics))

    def refusal(self, errors: Mapping[Place, ErrorCode]) -> bytes:
        """A response, framed, that says of every partition that nothing was taken.

        Those without an error of their own are to be tried again: a request is taken as a whole, or not at all.
        """
        response: Any = load_response_schema(PRODUCE, self.request.__version__)
        topic_type = sibling(response, "TopicProduceResponse")
        part_type = sibling(response, "PartitionProduceResponse")
        extra = {"record_errors": ()} if self.request.__version__ >= 8 else {}

        def refused(topic: str, partition: int) -> Any:
            error = errors.get((topic, partition), ErrorCode.kafka_storage_error)
            return part_type(index=partition, error_code=error, base_offset=-1, **extra)

        topics = tuple(
            topic_type(
                name=topic.name,
                partition_responses=tuple(refused(topic.name, part.index) for part in topic.partition_data),
            )
            for topic in self.request.topic_data
        )
        return framed(response_head(response, self.head.correlation_id), response(responses=topics))


def read_produce(frame: bytes) -> Produce:
    """Reads a request to append.

    Raises:
        Unsupported: its version is too old or too new, or it is malformed.
    """
    return Produce(*read_request(frame, PRODUCE_VERSIONS))


def read_offset_commit(frame: bytes) -> tuple[str, Mapping[Place, int]]:
    """A group, and the offset below which it has done everything, for each place.

    Raises:
        Unsupported: its version is too old or too new, or it is malformed.
    """
    _, request = read_request(frame, OFFSET_COMMIT_VERSIONS)
    offsets = {
        (topic.name, part.partition_index): part.committed_offset
        for topic in request.topics
        for part in topic.partitions
    }
    return request.group_id, offsets


def base_offsets(frame: bytes, version: int) -> dict[Place, int]:
    """Where an answered Produce has put the batches; places that were refused are left out.

    Raises:
        SerialError: it is malformed.
    """
    return {
        (topic.name, part.index): part.base_offset
        for topic in read_response(frame, PRODUCE, version).responses
        for part in topic.partition_responses
        if part.error_code is ErrorCode.none
    }


def accepted_commits(frame: bytes, version: int) -> set[Place]:
    """The places for which an OffsetCommit was accepted.

    Raises:
        SerialError: it is malformed.
    """
    return {
        (topic.name, part.partition_index)
        for topic in read_response(frame, OFFSET_COMMIT, version).topics
        for part in topic.partitions
        if part.error_code is ErrorCode.none
    }


def produce_request(parts: Mapping[Place, bytes], correlation: int) -> bytes:
    """A request of our own, framed, to append to several partitions."""
    request: Any = load_request_schema(PRODUCE, OUR_PRODUCE_VERSION)
    topic_type, part_type = sibling(request, "TopicProduceData"), sibling(request, "PartitionProduceData")
    topics = tuple(
        topic_type(name=topic, partition_data=(part_type(index=partition, records=records),))
        for (topic, partition), records in parts.items()
    )
    return framed(
        request_head(request, correlation),
        request(transactional_id=None, acks=-1, timeout=PATIENCE, topic_data=topics),
    )


def create_topic_request(topic: str, partitions: int, correlation: int) -> bytes:
    """A request of our own, framed, to make a topic."""
    request: Any = load_request_schema(CREATE_TOPICS, OUR_CREATE_TOPICS_VERSION)
    wanted = sibling(request, "CreatableTopic")(
        name=topic, num_partitions=partitions, replication_factor=1, assignments=(), configs=()
    )
    return framed(request_head(request, correlation), request(topics=(wanted,), timeout=PATIENCE))


def created(frame: bytes) -> bool:
    """Whether the topic of such a request is there now.

    Raises:
        SerialError: it is malformed.
    """
    [topic] = read_response(frame, CREATE_TOPICS, OUR_CREATE_TOPICS_VERSION).topics
    return topic.error_code in {ErrorCode.none, ErrorCode.topic_already_exists}


def partitions_request(topic: str, correlation: int) -> bytes:
    """A request of our own, framed, for what the broker knows of a topic, which is not made by it."""
    request: Any = load_request_schema(METADATA, OUR_METADATA_VERSION)
    wanted = sibling(request, "MetadataRequestTopic")(name=topic)
    return framed(request_head(request, correlation), request(topics=(wanted,), allow_auto_topic_creation=False))


def partitions(frame: bytes) -> int:
    """How many partitions the topic of such a request has; 0 if there is no such topic.

    Raises:
        SerialError: it is malformed.
    """
    [topic] = read_response(frame, METADATA, OUR_METADATA_VERSION).topics
    return len(topic.partitions)


def framed(*entities: Any) -> bytes:
    """Entities one after the other, with their length before them."""
    body = io.BytesIO()
    for entity in entities:
        entity_writer(type(entity))(body, entity)
    return SIZE.pack(body.tell()) + body.getvalue()


def read_request(frame: bytes, versions: Sequence[int]) -> tuple[Any, Any]:
    """The head of a request, and what it asks.

    Raises:
        Unsupported: its version is not among `versions`, or it is malformed.
    """
    begin = beginning(frame)
    if begin.version not in versions:
        raise Unsupported(f"version {begin.version} of request {begin.api}: {versions[0]} to {versions[-1]} are taken")
    schema: Any = load_request_schema(begin.api, begin.version)
    try:
        head, size = entity_reader(schema.__header_schema__)(frame, 0)
        return head, entity_reader(schema)(frame, size)[0]
    except (SerialError, LookupError, ValueError, TypeError, OverflowError) as error:  # kio expects whole requests
        raise Unsupported(f"request {begin.api} cannot be read: {error!r}") from error


def read_response(frame: bytes, api: int, version: int) -> Any:
    """What an answer says.

    Raises:
        SerialError: it is malformed.
    """
    schema: Any = load_response_schema(api, version)
    _, size = entity_reader(schema.__header_schema__)(frame, 0)
    return entity_reader(schema)(frame, size)[0]


def sibling(schema: Any, name: str) -> Any:
    """A part of a request or response, of the same version."""
    return getattr(sys.modules[schema.__module__], name)


def request_head(schema: Any, correlation: int) -> Any:
    """What a request of our own begins with."""
    return schema.__header_schema__(
        request_api_key=schema.__api_key__,
        request_api_version=schema.__version__,
        correlation_id=correlation,
        client_id="cx-balance spool",
    )


def response_head(schema: Any, correlation: int) -> Any:
    """What an answer of ours begins with."""
    return schema.__header_schema__(correlation_id=correlation)
