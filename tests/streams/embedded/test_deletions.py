from typing import Any
from uuid import UUID

import pytest
from kio.index import load_request_schema
from kio.schema.errors import ErrorCode
from kio.static.primitive import i32Timedelta

from streams.embedded import deletions, wire
from tests.streams.embedded.test_wire import part_of, request_head, response

TOPIC = "cx.touchpoints"


@pytest.mark.parametrize("version", deletions.DELETE_TOPICS_VERSIONS)
def test_a_deletion_is_refused_as_by_a_broker_that_allows_none_in_the_version_of_the_request(version: int) -> None:
    schema: Any = load_request_schema(deletions.DELETE_TOPICS, version)
    if version < 6:
        named: dict[str, Any] = {"topic_names": (TOPIC, "other")}
    else:
        state = part_of(schema, "DeleteTopicState")
        named = {"topics": (state(name=TOPIC, topic_id=None), state(name=None, topic_id=UUID(int=5)))}
    request = schema(**named, timeout=i32Timedelta.parse(wire.PATIENCE))
    deletion = deletions.read_deletion(wire.framed(request_head(schema), request)[4:])
    assert deletion.topics == (TOPIC, "other" if version < 6 else None)
    answer = response(deletion.refusal()[4:], deletions.DELETE_TOPICS, version)
    assert [topic.error_code for topic in answer.responses] == [ErrorCode.topic_deletion_disabled] * 2
    assert answer.responses[0].name == TOPIC
