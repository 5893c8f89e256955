import threading

import pytest

from streams.web import encoded
from tests.streams.web.served import Served

LONG = "/api/v1/openapi.json"


async def test_a_long_answer_is_compressed_for_whoever_takes_it_and_says_the_same(served: Served) -> None:
    packed = await served.get(LONG)  # this client takes gzip
    plain = await served.get(LONG, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 4
    assert packed.json == plain.json
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_a_short_answer_is_sent_as_it_is(served: Served) -> None:
    assert "Content-Encoding" not in (await served.get("/health")).headers


async def test_what_takes_long_to_compress_is_compressed_on_a_thread(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads, packed = list[tuple[int, int]](), encoded._packed

    def on(body: bytes) -> bytes:
        threads.append((len(body), threading.get_ident()))
        return packed(body)

    monkeypatch.setattr(encoded, "_packed", on)
    for path in (LONG, "/api/v1/schemas/event"):
        assert (await served.get(path)).headers["Content-Encoding"] == "gzip"
    assert [size >= encoded.LONG_BYTES for size, _ in threads] == [True, False]
    assert [of == threading.get_ident() for _, of in threads] == [False, True]
