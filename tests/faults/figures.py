"""Every figure of an instant, from the events of a ledger, by the slow reference; and what a worker says of it."""

import http.client
import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.metrics import reference

HALF_LIVES = {"short": 7 * 86_400.0, "long": 90 * 86_400.0}
VIEWS = ("as_was", "as_is")
UNOWNED = "unowned"
TOLERANCE = 1e-9

Rows = list[dict[str, Any]]


def last_closed_minute() -> float:
    """The newest instant whose figures no event of now can change, epoch seconds."""
    return time.time() // 60 * 60


def figures(events: Iterable[dict[str, Any]], owners: Mapping[str, str], at_s: float) -> Rows:
    """The rows of `balances` at an instant, less `at` and `view`.

    Args:
        events: Each once.
        owners: Department by the beginning of the touchpoint's name; the rest is unowned.
        at_s: The instant, epoch seconds.
    """

    def owner_of(event: Mapping[str, Any]) -> str:
        return next((owner for start, owner in owners.items() if event["touchpoint"].startswith(start)), UNOWNED)

    counted = (event for event in events if reference.minute_of(event["occurred_at"]) + 60 <= at_s)
    return reference.of_departments(counted, owner_of, at_s, HALF_LIVES)


def said(http_port: int, view: str, at_s: float) -> Rows | None:
    """The same rows as the worker at a port says them; None where none answers there, or it is busy.

    Raises:
        RuntimeError: It answers, with an error.
    """
    connection = http.client.HTTPConnection("127.0.0.1", http_port, timeout=60)
    at = datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        connection.request("GET", f"/api/v1/balances?at={at}&view={view}")
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    if response.status == http.client.SERVICE_UNAVAILABLE:
        return None
    if response.status != http.client.OK:
        raise RuntimeError(body[:300].decode(errors="replace"))
    rows: Rows = json.loads(body)
    return [{name: value for name, value in row.items() if name not in ("at", "view")} for row in rows]
