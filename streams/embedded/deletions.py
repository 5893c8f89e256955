"""Requests to delete topics, and how they are refused."""

import datetime
from dataclasses import dataclass
from typing import Any, Final

from kio.index import load_response_schema
from kio.schema.errors import ErrorCode

from streams.embedded import wire

DELETE_TOPICS: Final = 20
DELETE_TOPICS_VERSIONS: Final = range(1, 7)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A request to delete topics, in any version."""

    head: Any
    request: Any

    @property
    def topics(self) -> tuple[str | None, ...]:
        """Their names; None for one that is named by its id."""
        if self.request.__version__ < 6:
            return tuple(self.request.topic_names)
        return tuple(topic.name for topic in self.request.topics)

    def refusal(self) -> bytes:
        """A response, framed, as of a broker with `delete.topic.enable=false`: none of them is deleted."""
        response: Any = load_response_schema(DELETE_TOPICS, self.request.__version__)
        result = wire.sibling(response, "DeletableTopicResult")
        extra: dict[str, Any] = {"error_message": None} if self.request.__version__ >= 5 else {}
        ids = [topic.topic_id for topic in self.request.topics] if self.request.__version__ >= 6 else []
        extras = [extra | {"topic_id": topic_id} for topic_id in ids] or [extra] * len(self.topics)
        refused = tuple(
            result(name=name, error_code=ErrorCode.topic_deletion_disabled, **its)
            for name, its in zip(self.topics, extras, strict=True)
        )
        answer = response(throttle_time=datetime.timedelta(0), responses=refused)
        return wire.framed(wire.response_head(response, self.head.correlation_id), answer)


def read_deletion(frame: bytes) -> Deletion:
    """Reads a request to delete topics.

    Raises:
        Unsupported: its version is too old or too new, or it is malformed.
    """
    return Deletion(*wire.read_request(frame, DELETE_TOPICS_VERSIONS))
