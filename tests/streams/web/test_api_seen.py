"""What sources sent that is unknown, over HTTP."""

from datetime import UTC, datetime

from metrics.events.strangers import Stranger
from streams.ingest.strangers import insert_strangers
from streams.store.client import Store
from tests.streams.web.served import Served


async def test_unknown_fields_and_touchpoints_are_listed_by_source(served: Served, filled: Store) -> None:
    now_ms = int(datetime.now(UTC).timestamp() * 1000) - 60_000
    insert_strangers(filled, {("crm", "user_id"): Stranger(3, now_ms, now_ms)})
    rows = (await served.get("/api/v1/sources/seen")).json
    assert [(row["what"], row["source"], row["name"], row["events"], row["like"]) for row in rows[:1]] == [
        ("field", "crm", "user_id", 3, "customer")
    ]
    assert {row["what"] for row in rows[1:]} <= {"touchpoint"}
    answer = await served.get("/api/v1/sources/seen", limit="0")
    assert (answer.status, "limit: a whole number from 1 to 500" in answer.json["error"]) == (400, True)
