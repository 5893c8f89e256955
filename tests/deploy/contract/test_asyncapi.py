"""The AsyncAPI document is valid by AsyncAPI's own parser, and says what the service reads and writes."""

import json
import subprocess
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from faust.types import TP
from hypothesis import given

from deploy.contract.asyncapi import ASYNCAPI_VERSION, DEAD_LETTER_HEADERS, asyncapi_document
from deploy.contract.generate import PROJECT
from metrics.catalogue import ALL_KINDS
from metrics.contract.examples import EXAMPLES
from metrics.contract.json_schema import title
from metrics.events.rejection import Reason, Rejected
from streams.kafka.dead_letters import SOURCE, TIMESTAMP, TRUNCATED, DeadLetter
from streams.settings.settings import KafkaSettings
from tests.deploy.contract.node import require_node
from tests.metrics.contract.judging import is_of_schema
from tests.metrics.events_near import near_events


def parsed(document: dict[str, Any]) -> dict[str, Any]:
    command = ["node", str(PROJECT / "tests" / "contract" / "asyncapi.mjs"), str(require_node())]
    text = json.dumps(document)
    done = subprocess.run(command, check=True, input=text, capture_output=True, text=True, timeout=60)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.long
@pytest.mark.slow
def test_the_reference_parser_finds_nothing_wrong_and_reads_every_topic_and_message() -> None:
    answer = parsed(asyncapi_document())
    topics = KafkaSettings()
    assert answer["found"] == []
    assert answer["read"] == {
        "version": ASYNCAPI_VERSION,
        "channels": [topics.topic, topics.dlq_topic],
        "messages": [*ALL_KINDS, "dead_letter"],
    }


@pytest.mark.long
@pytest.mark.slow
def test_the_parser_would_notice() -> None:
    unknown, misfit = asyncapi_document(), asyncapi_document()
    unknown["operations"]["receiveEvents"]["action"] = "listen"
    misfit["components"]["schemas"][title("nps")]["properties"]["score"]["minimum"] = "none"
    assert [problem["path"] for problem in parsed(unknown)["found"]] == ["operations.receiveEvents.action"]
    found = parsed(misfit)["found"]
    assert any(problem["path"].endswith("properties.score.minimum") for problem in found), found


def test_a_dead_letter_has_the_headers_that_are_described() -> None:
    letter = DeadLetter(TP("cx.touchpoints", 3), 7, b"k", b"{}", (), 1, Rejected(Reason.BAD_TYPE, "score"))
    sent = {name: (value or b"").decode() for name, value in letter.all_headers()}
    headers = jsonschema_rs.Draft7Validator(DEAD_LETTER_HEADERS)
    assert headers.is_valid(sent)
    assert list(sent) == DEAD_LETTER_HEADERS["required"]
    assert {*DEAD_LETTER_HEADERS["properties"]} == {*sent, SOURCE, TRUNCATED, TIMESTAMP}
    mapped = replace(letter, rejected=Rejected(Reason.BAD_TYPE, "score", source="surveys"))
    assert headers.is_valid({name: (value or b"").decode() for name, value in mapped.all_headers()})
    assert dict(mapped.all_headers())[SOURCE] == b"surveys"
    assert not headers.is_valid(sent | {"cx-reason": "whim"})


DRAFT_7 = {
    kind: jsonschema_rs.Draft7Validator(
        asyncapi_document()["components"]["schemas"][title(kind)], validate_formats=True
    )
    for kind in ALL_KINDS
}


@given(near_events())
def test_its_schemas_accept_what_those_of_2020_accept(event: dict[str, Any]) -> None:
    if event.get("kind") in EXAMPLES:
        assert DRAFT_7[event["kind"]].is_valid(event) == is_of_schema(event)


def test_the_example_of_each_message_obeys_its_schema() -> None:
    messages = asyncapi_document()["components"]["messages"]
    for kind, schema in DRAFT_7.items():
        [example] = messages[title(kind)]["examples"]
        assert schema.is_valid(example["payload"]), kind
