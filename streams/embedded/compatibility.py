"""Where the embedded broker answers otherwise than Kafka's clients expect, and what the front makes of it.

ApiVersions: the broker offers versions that it does not answer, and ends the connection at those of the future.
ListOffsets: it gives the beginning of the last batch for the end of a log. InitProducerId: it refuses versions 0 to 2,
and in later ones what Kafka ignores, an id that a producer without transactions names.
JoinGroup: it waits for half of the session's timeout, and asks clients for an id whose version knows no such error.
"""

import datetime
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from kio.index import load_request_schema, load_response_schema
from kio.schema.errors import ErrorCode

from streams.embedded import wire
from streams.embedded.deletions import DELETE_TOPICS
from streams.embedded.ends import ask
from streams.embedded.wire import Beginning, Place

FETCH: Final = 1
LIST_OFFSETS: Final = 2
JOIN_GROUP: Final = 11
API_VERSIONS: Final = 18
INIT_PRODUCER_ID: Final = 22
OFFERED: Final[Mapping[int, tuple[int, int]]] = {
    wire.PRODUCE: (0, 11),  # 0 to 2 are cut off, but old librdkafka compresses nothing where 0 is missing (KAFKA-18659)
    FETCH: (4, 17),
    LIST_OFFSETS: (1, 6),  # from 7 on, requests for the largest timestamp end the connection
    wire.METADATA: (0, 12),
    wire.OFFSET_COMMIT: (2, 9),
    9: (1, 9),  # OffsetFetch
    10: (0, 6),  # FindCoordinator
    JOIN_GROUP: (0, 9),
    12: (0, 4),  # Heartbeat
    13: (0, 5),  # LeaveGroup
    14: (0, 5),  # SyncGroup
    15: (0, 5),  # DescribeGroups
    16: (0, 5),  # ListGroups
    API_VERSIONS: (0, 4),
    wire.CREATE_TOPICS: (2, 7),
    DELETE_TOPICS: (1, 6),
    21: (0, 2),  # DeleteRecords
    INIT_PRODUCER_ID: (0, 5),
    32: (1, 4),  # DescribeConfigs
    42: (0, 2),  # DeleteGroups
    44: (0, 1),  # IncrementalAlterConfigs
    60: (0, 1),  # DescribeCluster
    75: (0, 0),  # DescribeTopicPartitions
}
"""By request, the lowest version that Kafka 4 takes, and the highest that the broker answers rightly.

Left out are the halves of telemetry, of new groups and of access control that the broker has, which serve no client,
and transactions: of an open one, nothing could be brought back. Who asks for one is told so at its beginning.
"""
LONGEST_SESSION = datetime.timedelta(seconds=10)
"""Kafka's own default before version 3.0. Clients of today ask for 45 s, which the broker would make 23 s of a join."""
_KNOWS_REQUIRED_ID = 4  # the first version of JoinGroup whose clients ask again with the id that they are given
_OUR_INIT_VERSION = 3  # the first one that the broker knows
_NO_ID: Final = {"producer_id": -1, "producer_epoch": -1}
_LATEST = -1
_READ_COMMITTED = 1
_BEYOND_ANY_END = 1 << 62
_OUR_FETCH_VERSION = 11
_MOST_BYTES = 1 << 20  # none comes from beyond the end, but with a limit of few bytes the broker leaves topics out
_NO_WAIT = datetime.timedelta(milliseconds=100)

logger = logging.getLogger(__name__)


def api_versions(start: Beginning) -> bytes:
    """The answer, framed; to a version of the future it is Kafka's: ask again, in a version up to this one."""
    lowest, highest = OFFERED[API_VERSIONS]
    known = lowest <= start.version <= highest
    response: Any = load_response_schema(API_VERSIONS, start.version if known else 0)
    kind = wire.sibling(response, "ApiVersion")
    offered = OFFERED if known else {API_VERSIONS: (lowest, highest)}
    keys = tuple(kind(api_key=key, min_version=low, max_version=high) for key, (low, high) in offered.items())
    extra = {"throttle_time": datetime.timedelta(0)} if known and start.version else {}
    code = ErrorCode.none if known else ErrorCode.unsupported_version
    return wire.framed(
        wire.response_head(response, start.correlation), response(error_code=code, api_keys=keys, **extra)
    )


@dataclass(frozen=True, slots=True)
class Compatibility:
    """Puts requests right before `broker_port` gets them; the worker's group asks for what is good for it."""

    broker_port: int
    workers: str

    async def answer(self, frame: bytes, start: Beginning) -> bytes | None:
        """The answer, framed, to a request that the broker does not answer rightly; None for others.

        Raises:
            Unsupported: its version is not offered, or it is malformed.
            Refused: the broker does not answer.
        """
        if start.api == API_VERSIONS:
            return api_versions(start)
        if start.api == LIST_OFFSETS:
            return await self._list_offsets(frame, start)
        if start.api == INIT_PRODUCER_ID:
            return await self._init_producer_id(frame, start)
        return None

    async def request(self, frame: bytes, start: Beginning) -> bytes:
        """Any other request, as the broker gets it.

        Raises:
            Unsupported: its version is not offered, or it is malformed.
            Refused: the broker does not answer.
        """
        return await self._join(frame) if start.api == JOIN_GROUP else frame

    async def _list_offsets(self, frame: bytes, start: Beginning) -> bytes:
        _, request = wire.read_request(frame, _versions(LIST_OFFSETS))
        places = {
            (topic.name, part.partition_index)
            for topic in request.topics
            for part in topic.partitions
            if part.timestamp == _LATEST
        }
        answer = await ask(self.broker_port, wire.SIZE.pack(len(frame)) + frame)
        if not places:
            return wire.SIZE.pack(len(answer)) + answer
        stable = start.version > 1 and request.isolation_level == _READ_COMMITTED
        return _with_ends(answer, start, await self._ends(places, stable=stable))

    async def _init_producer_id(self, frame: bytes, start: Beginning) -> bytes:
        _, old = wire.read_request(frame, _versions(INIT_PRODUCER_ID))
        if old.transactional_id is not None:
            logger.warning("a producer was refused: there are no transactions here, so leave transactional.id away")
            answer = _producer(ErrorCode.transactional_id_authorization_failed, -1, -1, _OUR_INIT_VERSION)
        else:
            request: Any = load_request_schema(INIT_PRODUCER_ID, _OUR_INIT_VERSION)
            question = request(transactional_id=None, transaction_timeout=old.transaction_timeout, **_NO_ID)
            frame = await ask(self.broker_port, wire.framed(wire.request_head(request, start.correlation), question))
            answer = wire.read_response(frame, INIT_PRODUCER_ID, _OUR_INIT_VERSION)
        given = _producer(answer.error_code, answer.producer_id, answer.producer_epoch, start.version)
        return wire.framed(wire.response_head(type(given), start.correlation), given)

    async def _join(self, frame: bytes) -> bytes:
        head, request = wire.read_request(frame, _versions(JOIN_GROUP))
        if request.group_id != self.workers and request.session_timeout > LONGEST_SESSION:
            request = replace(request, session_timeout=LONGEST_SESSION)
        if request.__version__ < _KNOWS_REQUIRED_ID and not request.member_id:
            answer = await ask(self.broker_port, wire.framed(head, request))
            request = replace(request, member_id=wire.read_response(answer, JOIN_GROUP, request.__version__).member_id)
        return wire.framed(head, request)[wire.SIZE.size :]

    async def _ends(self, places: set[Place], *, stable: bool) -> dict[Place, int]:
        """Where logs end; stable is what no transaction can take back."""
        answer = await ask(self.broker_port, _fetch_request(places, correlation=1))
        return {
            (topic.topic, part.partition_index): part.last_stable_offset if stable else part.high_watermark
            for topic in wire.read_response(answer, FETCH, _OUR_FETCH_VERSION).responses
            for part in topic.partitions
            if part.error_code is ErrorCode.none
        }


def _producer(error: ErrorCode, producer_id: int, epoch: int, version: int) -> Any:
    response: Any = load_response_schema(INIT_PRODUCER_ID, version)
    none = datetime.timedelta(0)
    return response(throttle_time=none, error_code=error, producer_id=producer_id, producer_epoch=epoch)


def _with_ends(answer: bytes, start: Beginning, ends: Mapping[Place, int]) -> bytes:
    response = wire.read_response(answer, LIST_OFFSETS, start.version)

    def with_its_end(topic: str, part: Any) -> Any:
        end = ends.get((topic, part.partition_index))
        return part if end is None or part.error_code is not ErrorCode.none else replace(part, offset=end)

    topics = tuple(
        replace(topic, partitions=tuple(with_its_end(topic.name, part) for part in topic.partitions))
        for topic in response.topics
    )
    head = wire.response_head(type(response), start.correlation)
    return wire.framed(head, replace(response, topics=topics))


def _fetch_request(places: set[Place], correlation: int) -> bytes:
    """A request of our own, framed, for what is beyond the end of every log: nothing, but the answer has the ends."""
    request: Any = load_request_schema(FETCH, _OUR_FETCH_VERSION)
    topic_type, part_type = wire.sibling(request, "FetchTopic"), wire.sibling(request, "FetchPartition")
    topics = tuple(
        topic_type(
            topic=topic,
            partitions=(
                part_type(
                    partition=partition,
                    current_leader_epoch=-1,
                    fetch_offset=_BEYOND_ANY_END,
                    log_start_offset=-1,
                    partition_max_bytes=_MOST_BYTES,
                ),
            ),
        )
        for topic, partition in sorted(places)
    )
    whole = {"replica_id": -1, "max_wait": _NO_WAIT, "min_bytes": 0, "max_bytes": _MOST_BYTES, "isolation_level": 0}
    session = {"session_id": 0, "session_epoch": -1, "forgotten_topics_data": (), "rack_id": ""}
    return wire.framed(wire.request_head(request, correlation), request(topics=topics, **whole, **session))


def _versions(api: int) -> range:
    lowest, highest = OFFERED[api]
    return range(lowest, highest + 1)
