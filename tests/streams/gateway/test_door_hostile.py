"""Requests that mean harm, or know no better: each gets an answer that says what is wrong, and nothing of it lands."""

import asyncio
import gzip
import json
from typing import Any

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.streams.gateway.conftest import Answer, Serve, Served, event

pytestmark = pytest.mark.kafka

SOUND = json.dumps(event(0)).encode()
MIB = 1024 * 1024
DEEP = b"[" * 100_000 + b"]" * 100_000

HOSTILE: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "nothing": (b"", {}, 400, "no event"),
    "no JSON": (b"<xml/>", {}, 400, "not_json"),
    "half of JSON": (SOUND[:-5], {}, 400, "not_json"),
    "half of an array": (b"[" + SOUND + b",", {}, 400, "no JSON array"),
    "a form": (SOUND, {"Content_Type": "application/x-www-form-urlencoded"}, 415, "send one of application/json"),
    "plain text": (SOUND, {"Content_Type": "text/plain"}, 415, "send one of application/json"),
    "UTF-16": (json.dumps(event(0)).encode("utf-16"), {}, 400, "not_json"),
    "UTF-16 that says so": (SOUND, {"Content_Type": "application/json; charset=utf-16"}, 415, "charset must be utf-8"),
    "Latin-1": (json.dumps(event(0, segment="caffè"), ensure_ascii=False).encode("latin-1"), {}, 400, "not UTF-8"),
    "too deep": (DEEP, {}, 400, "nested too deeply"),
    "too deep within": (SOUND[:-1] + b', "x": ' + DEEP + b"}", {}, 400, "too_large"),
    "a lone surrogate": (SOUND.replace(b"c0", b"\\ud800"), {}, 400, "not_json"),
    "a lone surrogate as key": (SOUND[:-1] + b', "\\udc00": 1}', {}, 400, "not_json"),
    "a repeated key": (SOUND[:-1] + b', "score": 1}', {}, 400, "'score' occurs 2 times"),
    "NaN": (SOUND.replace(b": 4", b": NaN"), {}, 400, "not_json"),
    "a number without end": (SOUND.replace(b": 4", b": " + b"9" * 5000), {}, 400, "score"),
    "an event that is too long": (SOUND[:-1] + b', "x": "' + b"a" * 70_000 + b'"}', {}, 400, "too_large"),
    "too long": (b" " * MIB + SOUND, {}, 413, "more than 1,048,576 bytes"),
    "many nothings": (b"[" + b"1," * 400_000 + b"1]", {}, 413, "send at most 5,000 in one request"),
    "a bomb": (gzip.compress(bytes(50 * MIB)), {"Content_Encoding": "gzip"}, 413, "unpacked"),
    "another bomb": (zstandard.compress(bytes(50 * MIB)), {"Content_Encoding": "zstd"}, 413, "unpacked"),
    "no gzip": (SOUND, {"Content_Encoding": "gzip"}, 400, "not gzip"),
    "half of gzip": (gzip.compress(SOUND)[:-9], {"Content_Encoding": "gzip"}, 400, "cut off"),
    "half of zstd": (zstandard.compress(SOUND)[:-3], {"Content_Encoding": "zstd"}, 400, "cut off"),
    "packed twice": (gzip.compress(gzip.compress(SOUND)), {"Content_Encoding": "gzip, gzip"}, 415, "gzip or zstd"),
    "another packing": (SOUND, {"Content_Encoding": "br"}, 415, "gzip or zstd"),
    "half of an envelope": (SOUND, {"Ce_Id": "1"}, 400, "specversion"),
}


def words(answer: Answer) -> str:
    return json.dumps(answer.body, ensure_ascii=False)


async def test_whatever_comes_is_answered_with_what_is_wrong_and_leaves_nothing(serve_gateway: Serve) -> None:
    async with serve_gateway() as gateway:
        for name, (body, headers, status, said) in HOSTILE.items():
            answer = await gateway.post(body, **headers)
            assert (name, answer.status) == (name, status), words(answer)
            assert said in words(answer), name
            assert answer.body["error"]
        assert gateway.gateway._door.budget.taken == 0
        assert await gateway.landed() == []
        assert (await gateway.post(event(0))).status == 202


async def raw(gateway: Served, *pieces: bytes, pause_s: float = 0.0) -> bytes:
    """Sends bytes as they are; what comes back until the other side hangs up, or nothing more comes."""
    host, _, port = gateway.url.partition("//")[2].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
        async with asyncio.timeout(5):
            return await reader.read(4096)
    finally:
        writer.close()


def head(length: object, **more: str) -> bytes:
    headers = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(length)} | more
    return b"POST /v1/events HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()).encode() + b"\r\n"


async def test_a_body_that_stops_halfway_is_given_up_and_holds_no_memory(serve_gateway: Serve) -> None:
    async with serve_gateway(body_s=0.3) as gateway:
        late = await raw(gateway, head(len(SOUND)), SOUND[:20])
        assert late.startswith(b"HTTP/1.1 408")
        assert b"did not come within 0.3 s" in late
        drip = await raw(gateway, head(1000), *[b" "] * 8, pause_s=0.1)
        assert drip.startswith(b"HTTP/1.1 408")
        assert gateway.gateway._door.budget.taken == 0


async def test_a_body_that_is_announced_as_too_long_is_not_waited_for(serve_gateway: Serve) -> None:
    async with serve_gateway() as gateway:
        assert (await raw(gateway, head(10**12))).startswith(b"HTTP/1.1 413")
        chunked = {"Transfer-Encoding": "chunked"}
        endless = head(0, **chunked).replace(b"Content-Length: 0\r\n", b"")
        assert (await raw(gateway, endless, *[b"10000\r\n" + bytes(65536) + b"\r\n"] * 17)).startswith(b"HTTP/1.1 413")
        for broken in (b"nonsense\r\n\r\n", head("-1"), head(5, **chunked) + b"zz\r\n"):
            assert b" 400 " in (await raw(gateway, broken))[:14]
        assert (await gateway.post(event(0))).status == 202


async def test_slow_clients_take_the_places_of_no_others(serve_gateway: Serve) -> None:
    async with serve_gateway(connections=16, body_s=60) as gateway:
        host, _, port = gateway.url.partition("//")[2].partition(":")
        slow = [await asyncio.open_connection(host, int(port)) for _ in range(40)]
        for _, writer in slow:
            writer.write(head(100_000) + b"[")
        assert (await gateway.post(event(0))).status == 202
        for _, writer in slow:
            writer.close()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
FIELDS = st.dictionaries(st.sampled_from([*event(0), "count", "amount", "currency", "text", "x"]), JSON, max_size=4)


async def test_no_events_bring_about_an_error_of_ours(serve_gateway: Serve) -> None:
    async with serve_gateway(events_per_s=1e9) as gateway:
        loop = asyncio.get_running_loop()
        statuses: set[int] = set()

        @settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(FIELDS | st.just({}), max_size=4), st.binary(max_size=3), st.booleans())
        def send(changes: list[dict[str, Any]], noise: bytes, is_cut: bool) -> None:
            body = json.dumps([event(number, **fields) for number, fields in enumerate(changes)]).encode()
            body = body[: len(body) // 2] + noise if is_cut else body
            answer = asyncio.run_coroutine_threadsafe(gateway.post(body), loop).result(20)
            assert answer.status in (202, 400), answer.body
            statuses.add(answer.status)

        await asyncio.to_thread(send)
        assert statuses == {202, 400}
        assert gateway.gateway._door.budget.taken == 0
