"""Answers that prove nothing, as something between a worker and the engine may give them in its place."""

import json
import re
from collections.abc import Callable
from typing import Final

from tests.faults.proxy import is_insert

TOO_MANY_PARTS: Final = "Code: 252. DB::Exception: Too many parts (3000). (TOO_MANY_PARTS)"
TAG: Final = "kqxdmwtzrnlvbygh"
MARKED: Final = f"__exception__\r\n{TAG}\r\n{TOO_MANY_PARTS}\n66 {TAG}\r\n__exception__\r\n"
ROWS: Final = 10

Reply = Callable[[str], bytes]
"""An answer, given the id of the query."""


def reply(status: int = 200, body: str | bytes = b"", **headers: str) -> bytes:
    """An HTTP answer; `_` in a header's name stands for `-`."""
    content = body.encode() if isinstance(body, str) else body
    named = {"Content-Length": str(len(content)), "Connection": "close", **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Any\r\n{lines}\r\n".encode() + content


def engines(query_id: str, body: str | bytes = b"", counts: dict[str, int] | None = None, **headers: str) -> bytes:
    """An answer that looks like the engine's."""
    summary = json.dumps({name: str(count) for name, count in (counts or {}).items()})
    return reply(200, body, X_ClickHouse_Query_Id=query_id, X_ClickHouse_Summary=summary, **headers)


FOREIGN: Final[dict[str, tuple[Reply, str]]] = {
    "an exception as text": (lambda _: reply(body=TOO_MANY_PARTS), "something else answered: HTTP 200, .*Code: 252"),
    "a page": (
        lambda _: reply(body="<html>Log in</html>", Content_Type="text/html"),
        "something else answered: HTTP 200, text/html, '<html>Log in</html>'",
    ),
    "nothing": (lambda _: reply(), "something else answered: HTTP 200, no type, ''"),
    "204": (lambda _: reply(204), "something else answered: HTTP 204"),
    "only a summary": (
        lambda _: reply(X_ClickHouse_Summary=json.dumps({"written_rows": str(ROWS)})),
        "something else answered: HTTP 200",
    ),
}
STATEMENTS: Final[dict[str, tuple[Reply, str]]] = {
    **FOREIGN,
    "a different query id": (lambda _: engines("b2b9c0f4"), "has a different query id"),
    "an exception in the body": (lambda query_id: engines(query_id, TOO_MANY_PARTS), "should be empty: .*Code: 252"),
    "a marked exception": (lambda query_id: engines(query_id, MARKED), "should be empty: .*__exception__"),
    "no summary": (lambda query_id: reply(X_ClickHouse_Query_Id=query_id), "does not report how it ended"),
    "half a summary": (
        lambda query_id: reply(X_ClickHouse_Query_Id=query_id, X_ClickHouse_Summary='{"read_'),
        "does not report how it ended",
    ),
}
"""To statements without a result, with what is said of them."""


def to_requests(chosen: Callable[[bytes], bool], made: Reply) -> Callable[[bytes], bytes | None]:
    """Answers some requests, given their query id, which may come in an earlier packet than their text."""
    query_ids = [""]

    def answer(data: bytes) -> bytes | None:
        query_ids.extend(match.decode() for match in re.findall(rb"[?&]query_id=([\w-]+)", data[:4096]))
        return made(query_ids[-1]) if chosen(data) else None

    return answer


def to_inserts(made: Reply) -> Callable[[bytes], bytes | None]:
    """Answers inserts of facts only."""
    return to_requests(is_insert, made)


def to_texts(begins: str, made: Reply) -> Callable[[bytes], bytes | None]:
    """Answers statements with a text in them."""
    return to_requests(lambda data: begins.encode() in data, made)
