"""The proof that the engine itself did what it was sent: an answer of HTTP 200 alone proves nothing.

The driver ignores the body of an answer to an insert, returns that of a statement as its result, takes an absent
summary for zero rows, and an empty body for an empty result. So answers are looked at here, on their way to it.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from clickhouse_connect.driver.exceptions import OperationalError, StreamFailureError
from clickhouse_connect.driver.httputil import _close_pool_manager

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client
    from clickhouse_connect.driver.httpclient import HttpClient
    from urllib3 import BaseHTTPResponse, PoolManager

QUERY_ID: Final = "X-ClickHouse-Query-Id"
SUMMARY: Final = "X-ClickHouse-Summary"
EXCEPTION_CODE: Final = "X-ClickHouse-Exception-Code"
BODY_BYTES: Final = 100  # of an answer, shown in messages

# The driver makes one for every request.
_SENT_ID: Final = re.compile(r"[?&]query_id=([\w-]+)")


class Unproven(Exception):
    """An answer that does not prove that the engine did what it was sent; the text says what answered."""

    def __init__(self, text: str, body: bytes = b"") -> None:
        """Of a text, and of what the answer begins with, where it is known."""
        super().__init__(text)
        self.body = body


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an answer to a request of ours says of itself; `body` unless its reader streams it."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None

    def described(self) -> str:
        text = (self.body or b"")[:BODY_BYTES].decode(errors="replace")
        return f"HTTP {self.status}, {self.headers.get('Content-Type', 'no type')}, {_line(text)!r}"


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

    def close(self) -> None:
        """Closes the connections."""
        _close_pool_manager(self._pool)

    def request(self, method: str, url: str, **options: Any) -> "BaseHTTPResponse":
        """Sends a request of the driver's.

        Raises:
            Unproven: The answer reports success, and is not the engine's to this request.
        """
        self._thread.seen = None
        answer = self._pool.request(method, url, **options)
        if not 200 <= answer.status < 300 or answer.headers.get(EXCEPTION_CODE):
            return answer  # a failure, which the driver raises
        whole = options["preload_content"]
        seen = _Seen(answer.status, answer.headers, answer.data if whole else None)
        sent, found = _SENT_ID.search(url), answer.headers.get(QUERY_ID)
        if sent is None or found != sent[1]:
            seen = _Seen(answer.status, answer.headers, answer.data if whole else answer.read(BODY_BYTES))
            answer.close()
            what = "the answer has a different query id" if found else "something else answered"
            raise Unproven(f"{what}: {seen.described()}", seen.body or b"")
        self._thread.seen = seen
        return answer

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Around what the driver does with the answer to a question.

        Raises:
            Unproven: It cannot read it: it is cut off, holds an exception, or is something else.
        """
        self._thread.seen = None
        try:
            yield
        except (OSError, Unproven):
            raise
        except Exception as error:
            # Before there is an answer it is a question that the driver cannot send. A connection that fails is
            # reported as such.
            failed = isinstance(error, OperationalError) and not isinstance(error, StreamFailureError)
            if failed or self._thread.seen is None:
                raise
            raise Unproven(f"its answer cannot be read: {type(error).__name__}, {_line(str(error))!r}") from error

    def prove_insert(self, rows: int) -> None:
        """Checks that this thread's last answer reports an insert as done that wrote `rows`.

        It may report more: rows of materialized views count too, and those of a Distributed table may count twice.

        Raises:
            Unproven: It reports an error, or fewer rows.
        """
        seen = self._empty("insert")
        written = _count(seen, "written_rows")
        if written is None:
            raise Unproven(f"the answer to the insert does not report how many rows were written ({SUMMARY})")
        if written < rows:
            raise Unproven(f"only {written} of {rows} rows were written")

    def prove_statement(self) -> None:
        """Checks that this thread's last answer reports a statement without a result as done.

        Raises:
            Unproven: It reports an error, or not how the statement ended.
        """
        if _summary(self._empty("statement")) is None:
            raise Unproven(f"the answer to the statement does not report how it ended ({SUMMARY})")

    def prove_result(self, rows: int) -> None:
        """Checks that the result that this thread has just read, with `rows`, is whole.

        An empty result has an empty body, as an answer that was cut off may have: the engine's count decides.

        Raises:
            Unproven: The engine reports other rows, or none of its counts came.
        """
        counted = _count(self._last(), "result_rows")
        if counted is None:
            raise Unproven(f"the answer does not report how many rows the result has ({SUMMARY})")
        if counted != rows:
            raise Unproven(f"{rows} rows of the result came, of {counted}")

    def _last(self) -> _Seen:
        seen, self._thread.seen = cast(_Seen, self._thread.seen), None
        return seen

    def _empty(self, what: str) -> _Seen:
        seen = self._last()
        if seen.body:
            raise Unproven(f"the answer to the {what} should be empty: {seen.described()}")
        return seen


def _line(text: str) -> str:
    return text.strip().split("\n", 1)[0][:BODY_BYTES]


def _summary(seen: _Seen) -> dict[str, Any] | None:
    try:
        summary = json.loads(seen.headers.get(SUMMARY, ""))
    except ValueError:
        return None
    return summary if isinstance(summary, dict) else None


def _count(seen: _Seen, name: str) -> int | None:
    try:
        return int((_summary(seen) or {})[name])
    except (ValueError, TypeError, KeyError):
        return None
