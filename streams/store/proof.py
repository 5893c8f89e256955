"""The proof that the engine itself did what it was sent: an answer of HTTP 200 alone proves nothing.

The driver ignores the body of an answer to an insert and takes an absent summary for zero rows. So the answers are
looked at here, on their way to it.
"""

import json
import threading
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client
    from clickhouse_connect.driver.httpclient import HttpClient
    from urllib3 import BaseHTTPResponse, PoolManager

QUERY_ID: Final = "X-ClickHouse-Query-Id"
SUMMARY: Final = "X-ClickHouse-Summary"
EXCEPTION_CODE: Final = "X-ClickHouse-Exception-Code"
BODY_BYTES: Final = 100  # of an answer, shown in messages


class Unproven(Exception):
    """An answer that does not prove that the engine did what it was sent; the text says what answered."""


class Witness:
    """The connections of a client, which keep the last answer that a thread got. Safe to share between threads."""

    def __init__(self, pool: "PoolManager") -> None:
        self._pool = pool
        self._thread = threading.local()

    @classmethod
    def install(cls, client: "Client") -> None:
        """Puts itself between a client and its connections."""
        over_http = cast("HttpClient", client)
        over_http.http = cast("PoolManager", cls(over_http.http))

    @classmethod
    def of(cls, client: "Client") -> "Witness":
        """The one of a client in which it is installed."""
        return cast("Witness", cast("HttpClient", client).http)

    # The driver keeps when connections were opened by their pool: this one counts as the same.
    def __hash__(self) -> int:
        return hash(self._pool)

    def __eq__(self, other: object) -> bool:
        return other is self or other is self._pool

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def request(self, method: str, url: str, **options: Any) -> "BaseHTTPResponse":
        """Sends a request of the driver's.

        Raises:
            Unproven: The answer reports success, and is not the engine's.
        """
        answer = self._pool.request(method, url, **options)
        whole = options["preload_content"]
        if 200 <= answer.status < 300 and not (answer.headers.get(QUERY_ID) or answer.headers.get(EXCEPTION_CODE)):
            body = answer.data if whole else answer.read(BODY_BYTES)
            answer.close()
            raise Unproven(f"something else answered: {_described(answer, body)}")
        # What is streamed belongs to its reader.
        self._thread.answer = answer if whole else None
        return answer

    def prove(self, query_id: str, rows: int) -> None:
        """Checks that this thread's last answer is the engine's to the insert `query_id`, and that it wrote `rows`.

        It may report more: rows of materialized views count too, and those of a Distributed table may count twice.

        Raises:
            Unproven: It is another answer, reports an error, or fewer rows.
        """
        answer, self._thread.answer = self._thread.answer, None
        if answer.headers.get(QUERY_ID) != query_id:
            raise Unproven(f"the answer to the insert has a different query id: {_described(answer, answer.data)}")
        if answer.data:
            raise Unproven(f"the answer to the insert should be empty: {_described(answer, answer.data)}")
        written = _written_rows(answer)
        if written is None:
            raise Unproven(f"the answer to the insert does not report how many rows were written ({SUMMARY})")
        if written < rows:
            raise Unproven(f"only {written} of {rows} rows were written")


def _written_rows(answer: "BaseHTTPResponse") -> int | None:
    try:
        return int(json.loads(answer.headers.get(SUMMARY, ""))["written_rows"])
    except (ValueError, TypeError, KeyError):
        return None


def _described(answer: "BaseHTTPResponse", body: bytes) -> str:
    line = body[:BODY_BYTES].decode(errors="replace").strip().split("\n", 1)[0]
    return f"HTTP {answer.status}, {answer.headers.get('Content-Type', 'no type')}, {line!r}"
