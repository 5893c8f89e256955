"""What is too much or too fast is answered with when to come again; browsers send from known pages only."""

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.streams.gateway.conftest import Serve, event

pytestmark = pytest.mark.kafka

ORIGIN = "https://shop.example"


async def test_who_sends_too_fast_is_told_when_to_come_again_and_nobody_else_waits(
    serve_gateway: Serve, publishers: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "publishers.toml"
    token, slow = publishers("shop"), publishers("slow")
    path.write_text(path.read_text() + "events_per_s = 2\n")
    monkeypatch.setenv("CXB_HTTP_TOKEN", "operator-" + "x" * 16)
    async with serve_gateway(publishers=path) as gateway:
        first = await gateway.post([event(number) for number in range(50)], token=slow)
        second = await gateway.post(event(99), token=slow)
        other = await gateway.post([event(number) for number in range(50)], token=token)
        assert (
            'publisher="shop"} 50.0'
            in (await gateway.get("/metrics", Authorization="Bearer operator-" + "x" * 16)).body
        )
    assert first.status == other.status == 202
    assert second.status == 429
    assert 10 <= int(second.headers["Retry-After"]) <= 16
    assert second.body["error"].startswith("slow sends more than it may: send again in 1")


async def test_wrong_tokens_are_looked_at_less_often_and_a_right_one_always(
    serve_gateway: Serve, publishers: Callable[..., str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    token = publishers()
    caplog.set_level(logging.DEBUG)
    async with serve_gateway(publishers=tmp_path / "publishers.toml") as gateway:
        statuses = [(await gateway.post(event(0), token=f"guess-{number}")).status for number in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        assert (await gateway.post(event(0), token=token)).status == 202
    assert token not in caplog.text
    assert "guess-" not in caplog.text


async def test_a_token_that_is_taken_out_of_the_file_counts_no_more(
    serve_gateway: Serve, publishers: Callable[..., str], tmp_path: Path
) -> None:
    path = tmp_path / "publishers.toml"
    token = publishers()
    async with serve_gateway(publishers=path) as gateway:
        assert (await gateway.post(event(0), token=token)).status == 202
        path.write_text("")
        async with asyncio.timeout(10):
            while (answer := await gateway.post(event(0), token=token)).status == 202:  # noqa: ASYNC110  # over HTTP
                await asyncio.sleep(0.1)
    assert answer.status == 401


async def test_bodies_beyond_the_memory_that_is_set_are_told_to_come_again(serve_gateway: Serve) -> None:
    async with serve_gateway(pending_bytes=1024 * 1024) as gateway:
        budget = gateway.gateway._door.budget
        held = budget.reserve(1024 * 1024 - 100)
        answer = await gateway.post(event(0))
        held.release()
        assert (await gateway.post(event(0))).status == 202
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "5"
    assert "send the request again" in answer.body["error"]


async def test_pages_of_other_origins_send_nothing_and_known_ones_do(serve_gateway: Serve) -> None:
    async with serve_gateway(origins=f"{ORIGIN}, http://localhost:3000") as gateway:
        preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        for origin, status in ((ORIGIN, 204), ("https://evil.example", 403)):
            url = f"{gateway.url}/v1/events"
            async with gateway.client.options(url, headers={"Origin": origin, **preflight}) as response:
                assert response.status == status
                assert response.headers.get("Access-Control-Allow-Origin") == (ORIGIN if status == 204 else None)
                allowed = response.headers.get("Access-Control-Allow-Headers", "").split(", ")
                assert ("authorization" in allowed) == (status == 204)
        known = await gateway.post(event(0), Origin=ORIGIN)
        wrong = await gateway.post(event(0, score=9), Origin=ORIGIN)
        other = await gateway.post(event(0), Origin="https://evil.example")
        records = await gateway.landed()
    assert (known.status, wrong.status, other.status) == (202, 400, 403)
    for answer in (known, wrong):
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert answer.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Origin" not in other.headers
    assert "CXB_GATEWAY_ORIGINS" in other.body["error"]
    assert len(records) == 1


async def test_without_origins_no_page_sends_and_no_name_but_this_machines_is_served(serve_gateway: Serve) -> None:
    async with serve_gateway() as gateway:
        proxied = ({"X_Forwarded_For": "203.0.113.7"}, {"Forwarded": "for=203.0.113.7"})
        for headers in ({"Origin": ORIGIN}, {"Origin": gateway.url}, {"Host": "rebound.example"}, *proxied):
            answer = await gateway.post(event(0), **headers)
            assert answer.status == 403, headers
            assert json.dumps(answer.body)
        assert (await gateway.post(event(0), Host="localhost:1")).status == 202
