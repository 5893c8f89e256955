import asyncio
import base64
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest

from metrics.events.event import RecordLimits
from metrics.events.scope import SCOPED_BY
from metrics.sources.decoding import decode_routed
from streams.gateway.token_file import add_token
from streams.operations.redrive import OURS
from streams.sources.file import compiled_sources
from tests.streams.gateway.conftest import Serve, event

PATH = "/v1/sources/segment"
SOURCES = """
[[source]]
name = "segment"
like = "segment"
topic = "cdp.*"
http = "/v1/sources/segment"
[source.fields]
touchpoint = "web.site"
[[source]]
name = "surveys"
http = "/v1/sources/surveys"
[source.signature]
header = "X-Signature"
prefix = "sha256="
timestamp = "X-Sent-At"
signed = "{timestamp}.{body}"
secret_file = "SECRET"
[[source.event]]
kind = "nps"
touchpoint = "web.checkout"
event_id = { path = "id" }
occurred_at = { path = "at" }
score = { path = "score" }
"""

pytestmark = pytest.mark.kafka


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("s3cret\n")
    path = tmp_path / "sources.toml"
    path.write_text(SOURCES.replace("SECRET", str(tmp_path / "secret")))
    return path


def replace_in(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def page(number: int, **fields: Any) -> dict[str, Any]:
    """A page call of Segment's, a minute ago."""
    at = time.strftime("%FT%T.000Z", time.gmtime(time.time() - 60))
    return {"type": "page", "messageId": f"m{number}", "timestamp": at, "userId": f"u{number}"} | fields


def mapped(records: list[Any], sources: Path) -> list[tuple[str, str]]:
    """What workers with the same sources make of records of the topic: events, or the reasons why not."""
    routes = compiled_sources(sources.read_text(), "sources").routes("events", "events")
    assert routes is not None
    values, headers = [record.value for record in records], [record.headers for record in records]
    run = decode_routed(values, headers, [record.timestamp for record in records], RecordLimits(), routes).run
    return sorted([(event.source, event.event_id) for event in run.events] + [("", r.reason) for _, r in run.rejected])


async def test_records_of_a_webhook_arrive_as_they_came_and_workers_map_them(
    serve_gateway: Serve, sources: Path
) -> None:
    async with serve_gateway(sources=sources) as served:
        answer = await served.post(page(1), path=PATH)
        assert (answer.status, answer.body) == (202, {"accepted": 1})
        several = await served.post([page(2), page(3, type="identify")], path=PATH, Content_Type="text/plain")
        assert (several.status, several.body) == (202, {"accepted": 2})
        records = await served.landed()
    assert {json.loads(record.value)["messageId"] for record in records} == {"m1", "m2", "m3"}
    assert [dict(record.headers) for record in records] == [{"cx-source": b"segment"}] * 3
    assert mapped(records, sources) == [("segment", "m1"), ("segment", "m2")]  # who somebody is, is dropped


async def test_a_record_that_does_not_fit_is_kept_and_told(serve_gateway: Serve, sources: Path) -> None:
    """A tool that gets 400 for it calls again and again, and then never more."""
    async with serve_gateway(sources=sources) as served:
        answer = await served.post([page(1), page(2, timestamp="yesterday"), page(3, messageId=None)], path=PATH)
        records = await served.landed()
    assert (answer.status, answer.body["accepted"]) == (202, 3)
    assert [(fault["index"], fault["reason"]) for fault in answer.body["unfit"]] == [
        (1, "bad_value"),
        (2, "missing_field"),
    ]
    assert "occurred_at from timestamp" in answer.body["unfit"][0]["detail"]
    assert mapped(records, sources) == [("", "bad_value"), ("", "missing_field"), ("segment", "m1")]


async def test_a_record_that_the_condition_of_its_source_does_not_take_lands_nowhere_as_an_event_of_ours(
    serve_gateway: Serve, sources: Path, tmp_path: Path
) -> None:
    """It would pass by the scope of its token: any source, any touchpoint."""
    replace_in(sources, 'topic = "cdp.*"', "when = \"type == 'page'\"")
    token = add_token(tmp_path / "publishers.toml", "cdp", "segment", ("web.*",))
    async with serve_gateway(sources=sources, publishers=tmp_path / "publishers.toml") as served:
        forged = event(1, source="crm", touchpoint="sales.quote")
        answer = await served.post([forged, page(1)], path=PATH, token=token)
        records = await served.landed()
    assert (answer.status, [fault["index"] for fault in answer.body["unfit"]]) == (202, [0])
    assert mapped(records, sources) == [("", "bad_value"), ("segment", "m1")]


async def test_a_token_is_asked_for_and_its_scope_holds(serve_gateway: Serve, sources: Path, tmp_path: Path) -> None:
    publishers = tmp_path / "publishers.toml"
    token = add_token(publishers, "cdp", "segment", ("web.*",))
    other = add_token(publishers, "other", "segment", ("store.*",))
    async with serve_gateway(sources=sources, publishers=publishers) as served:
        assert (await served.post(page(1), path=PATH)).status == 401
        assert (await served.post(page(1), path=PATH, token=token)).status == 202
        basic = "Basic " + base64.b64encode(f"segment:{token}".encode()).decode()
        assert (await served.post(page(2), path=PATH, Authorization=basic)).status == 202
        assert (await served.post(page(3), path=PATH, Authorization="Basic !")).status == 401
        foreign = await served.post(page(4), path=PATH, token=other)
        assert (foreign.status, foreign.body["faults"][0]["reason"]) == (403, "foreign_touchpoint")
        assert len(await served.landed()) == 2


async def test_an_unfit_record_never_gives_events_beyond_the_scope_of_its_token(
    serve_gateway: Serve, sources: Path, tmp_path: Path
) -> None:
    """It is kept as it came, and what a corrected mapping makes of it at a redrive is not its sender's to choose."""
    publishers = tmp_path / "publishers.toml"
    token = add_token(publishers, "cdp", "segment", ("web.*",))
    async with serve_gateway(sources=sources, publishers=publishers) as served:
        answer = await served.post(page(1, when="2026"), path=PATH, token=token)
        replace_in(sources, 'touchpoint = "web.site"', 'touchpoint = { path = "place" }')
        await asyncio.sleep(1.5)  # the gateway looks every second
        unfit = await served.post(page(2), path=PATH, token=token)
        records = await served.landed()
    assert SCOPED_BY not in OURS  # so that it stays through a dead letter and a redrive
    assert (answer.status, unfit.status, [fault["index"] for fault in unfit.body["unfit"]]) == (202, 202, [0])
    for touchpoint, expected in (("web.cart", ("segment", "m2")), ("store.rome", ("", "bad_value"))):
        replace_in(sources, 'touchpoint = { path = "place" }', f'touchpoint = "{touchpoint}"')
        assert expected in mapped(records, sources)
        replace_in(sources, f'touchpoint = "{touchpoint}"', 'touchpoint = { path = "place" }')


async def test_what_is_signed_needs_no_token_and_what_is_not_is_refused(
    serve_gateway: Serve, sources: Path, tmp_path: Path
) -> None:
    publishers = tmp_path / "publishers.toml"
    token = add_token(publishers, "cdp", "surveys", ("*",))
    body = json.dumps({"id": "r1", "at": page(1)["timestamp"], "score": 9}).encode()
    path = "/v1/sources/surveys"

    def signed(at_s: float, secret: bytes = b"s3cret") -> dict[str, str]:
        stamp = str(int(at_s))
        digest = hmac.new(secret, stamp.encode() + b"." + body, "sha256").hexdigest()
        return {"X_Sent_At": stamp, "X_Signature": f"sha256={digest}"}

    async with serve_gateway(sources=sources, publishers=publishers) as served:
        assert (await served.post(body, path=path, **signed(time.time()))).status == 202
        for wrong in (signed(time.time(), b"guessed"), signed(time.time() - 400), {}):
            assert (await served.post(body, path=path, token=token, **wrong)).status == 401
        replace_in(tmp_path / "secret", "s3cret", "")
        assert (await served.post(body, path=path, **signed(time.time()))).status == 503
        records = await served.landed()
    assert mapped(records, sources) == [("surveys", "r1")]


async def test_what_is_no_record_and_a_path_of_no_source_are_refused(serve_gateway: Serve, sources: Path) -> None:
    async with serve_gateway(sources=sources) as served:
        unknown = await served.post(page(1), path="/v1/sources/nobody")
        assert (unknown.status, "/v1/sources/segment" in unknown.body["error"]) == (404, True)
        assert [(await served.post(body, path=PATH)).status for body in (b"", b"[", b"[]")] == [400, 400, 400]
        from_page = await served.post(page(1), path=PATH, Origin="https://elsewhere.example")
        assert from_page.status == 403
        assert await served.landed() == []


async def test_the_file_of_sources_is_followed(serve_gateway: Serve, sources: Path) -> None:
    async with serve_gateway(sources=sources) as served:
        replace_in(sources, "/v1/sources/segment", "/v1/sources/cdp")
        async with asyncio.timeout(10):
            while (await served.post(page(1), path="/v1/sources/cdp")).status != 202:  # noqa: ASYNC110  # over HTTP
                await asyncio.sleep(0.1)
        assert (await served.post(page(1), path=PATH)).status == 404
