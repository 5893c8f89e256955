"""The door against a real broker: what is accepted is in the topic, and what is not is named."""

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.streams.gateway.conftest import Serve, event

pytestmark = pytest.mark.kafka


def lines(*events: Any) -> bytes:
    return b"\n".join(json.dumps(each).encode() for each in events)


def enveloped(data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": "1", "source": "/shop", "type": "csat.given", "data": data} | more


BODIES: dict[str, tuple[Any, dict[str, str]]] = {
    "one object": (event(0), {}),
    "an array": ([event(0), event(1)], {}),
    "lines": (lines(event(0), event(1), event(2)), {"Content_Type": "application/x-ndjson"}),
    "lines as JSON": (lines(event(0), event(1)) + b"\n", {}),
    "an object on many lines": (json.dumps(event(0), indent=2).encode(), {}),
    "a byte order mark": (b"\xef\xbb\xbf" + lines(event(0)), {"Content_Type": "application/json; charset=utf-8"}),
    "gzip": (gzip.compress(lines(event(0), event(1))), {"Content_Encoding": "gzip"}),
    "zstd": (zstandard.compress(lines(event(0), event(1))), {"Content_Encoding": "zstd"}),
    "a CloudEvent": (enveloped(event(0)), {"Content_Type": "application/cloudevents+json"}),
    "a CloudEvent in Base64": (
        {name: value for name, value in enveloped(event(0)).items() if name != "data"}
        | {"data_base64": base64.b64encode(lines(event(0))).decode()},
        {"Content_Type": "application/cloudevents+json; charset=UTF-8"},
    ),
    "CloudEvents": ([enveloped(event(0)), enveloped(event(1))], {"Content_Type": "application/cloudevents-batch+json"}),
    "a CloudEvent by headers": (
        event(0), {"Ce_Specversion": "1.0", "Ce_Id": "1", "Ce_Source": "/shop", "Ce_Type": "csat.given"},
    ),
}  # fmt: skip
COUNTS = {"an array": 2, "lines": 3, "lines as JSON": 2, "gzip": 2, "zstd": 2, "CloudEvents": 2}


async def test_each_form_of_a_request_lands_as_the_events_that_were_sent(serve_gateway: Serve) -> None:
    async with serve_gateway() as gateway:
        total = 0
        for name, (body, headers) in BODIES.items():
            answer = await gateway.post(body, **headers)
            assert (name, answer.status, answer.body) == (name, 202, {"accepted": COUNTS.get(name, 1)})
            total += answer.body["accepted"]
        records = await gateway.landed()
    assert len(records) == total
    assert {json.loads(record.value)["event_id"] for record in records} == {"e0", "e1", "e2"}
    assert {(record.key, json.loads(record.value)["customer"].encode()) for record in records} == {
        (key, key) for key in (b"c0", b"c1", b"c2")
    }


async def test_one_wrong_event_keeps_all_of_its_request_out_and_is_named(serve_gateway: Serve) -> None:
    wrong = [event(0), event(1, score=9), {"event_id": "2"}, event(3), [1]]
    async with serve_gateway() as gateway:
        answer = await gateway.post(wrong)
        records = await gateway.landed()
        metrics = (await gateway.get("/metrics")).body
    assert answer.status == 400
    assert "3 of 5 events are wrong, and none was sent" in answer.body["error"]
    assert answer.body["faulty"] == 3
    assert [(fault["index"], fault["reason"], fault["field"]) for fault in answer.body["faults"]] == [
        (1, "score_out_of_range", "score"), (2, "missing_field", "source"), (4, "not_an_object", ""),
    ]  # fmt: skip
    assert answer.body["faults"][0]["detail"] == "score of csat must be 1 to 5, not 9"
    assert records == []
    assert 'cx_gateway_rejected_total{reason="score_out_of_range"} 1.0' in metrics
    assert 'cx_gateway_requests_total{status="400"} 1.0' in metrics


async def test_a_token_sends_for_its_source_and_touchpoints_only(
    serve_gateway: Serve, publishers: Callable[..., str], tmp_path: Path
) -> None:
    token = publishers("shop", "web-shop", "web.*")
    async with serve_gateway(publishers=tmp_path / "publishers.toml") as gateway:
        assert (await gateway.post(event(0), token=token)).status == 202
        foreign = await gateway.post(
            [event(1), event(2, touchpoint="delivery.van"), event(3, source="crm")], token=token
        )
        mixed = await gateway.post([event(1, score=0), event(2, source="crm")], token=token)
        nobody = await gateway.post(event(4))
        stranger = await gateway.post(event(5), token=token[:-1])
        basic = await gateway.post(event(6), Authorization="Basic " + base64.b64encode(f"x:{token}".encode()).decode())
        records = await gateway.landed()
    assert foreign.status == 403
    assert [(fault["index"], fault["reason"], fault["field"]) for fault in foreign.body["faults"]] == [
        (1, "foreign_touchpoint", "touchpoint"), (2, "foreign_source", "source"),
    ]  # fmt: skip
    assert foreign.body["faults"][0]["detail"] == "touchpoint must match web.*: this token is for no other"
    assert (mixed.status, [fault["index"] for fault in mixed.body["faults"]]) == (400, [0, 1])
    assert [(answer.status, answer.headers["WWW-Authenticate"]) for answer in (nobody, stranger)] == [
        (401, "Bearer")
    ] * 2
    assert basic.status == 202  # many tools can send a name and a password only
    assert "cxb gateway token" in nobody.body["error"]
    assert token not in json.dumps([nobody.body, stranger.body, foreign.body])
    assert len(records) == 2
