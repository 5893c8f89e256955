"""What the first screen asks of the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streams.drift.data_quality import data_quality
from streams.figures import minutes
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import parse_instant
from tests.streams.given import event, facts_of
from tests.streams.web.served import Served

AT = "2026-03-26T12:00:00Z"


async def test_the_weeks_are_the_scorecards_of_their_midnights(served: Served) -> None:
    rows = (await served.get("/api/v1/scorecards/history", at=AT, weeks="2", department="marketing")).json
    assert [row["at"] for row in rows] == [f"2026-03-{day}T00:00:00Z" for day in (12, 19, 26)]
    for row in rows:
        [card] = (await served.get("/api/v1/scorecards", at=row["at"], department="marketing")).json
        assert row == {
            name: pytest.approx(value, abs=1e-9) if isinstance(value, float) else value for name, value in card.items()
        }
    assert all(row["long_ci_low"] < row["long_index"] < row["long_ci_high"] for row in rows)


async def test_the_first_look_compares_with_four_weeks_before_in_the_language_asked_for(served: Served) -> None:
    answers = {lang: (await served.get("/api/v1/overview", at=AT, lang=lang)).json for lang in ("en", "it", "es")}
    for answer in answers.values():
        assert (answer["at"], answer["compared_with"]) == (AT, "2026-02-26T12:00:00Z")
        assert (answer["statements"], answer["myopic"], answer["changes"], answer["omitted"]) == ([], [], [], 0)
    assert len({answer["nothing"] for answer in answers.values()}) == 3


async def test_a_touchpoint_that_went_silent_and_rejected_events_are_told_as_the_alert_tells_them(
    served: Served, filled: Store, compiled: CompiledRegistry
) -> None:
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    steady = [event(f"v-{hour}", "visit", at=begin + timedelta(hours=hour), count=9) for hour in range(24 * 20)]
    filled.insert_facts(facts_of(steady, compiled))
    list(minutes.refresh(filled, timedelta(seconds=3)))
    filled.insert_rejected(
        [
            {"topic": "cx.touchpoints", "partition": 0, "offset": n, "fingerprint": 1, "customer": "", "reason": why,
             "detail": "why", "payload": "{"}
            for n, why in enumerate(("not_json", "too_old", "too_old"))
        ]
    )  # fmt: skip
    answer = (await served.get("/api/v1/data-alarms", at=AT)).json
    [silent] = [one for one in answer["alarms"] if one["companion"] == "silent_touchpoint"]
    wanted: dict[str, Any] = {
        "department": "marketing",
        "touchpoint": "web.checkout",
        "last_at": "2026-03-21T00:00:00Z",
    }
    assert wanted.items() <= silent.items()
    firing = {key for key, fires in data_quality(filled, compiled, parse_instant(AT)).items() if fires}
    assert {(one["companion"], one["department"]) for one in answer["alarms"]} == firing
    now = (await served.get("/api/v1/data-alarms")).json
    assert [(one["reason"], one["events"]) for one in now["rejected"]] == [("too_old", 2), ("not_json", 1)]
    assert answer["rejected"] == []  # they were rejected later


@pytest.mark.parametrize(
    ("path", "query", "problem"),
    [
        ("scorecards/history", {"weeks": "0"}, "weeks: a whole number from 1 to 104"),
        ("scorecards/history", {"department": "nosuch"}, "department: one of marketing"),
        ("scorecards/history", {"at": "2100-01-01"}, "at: in the future"),
        ("overview", {"lang": "fr"}, "lang: one of en, it, es"),
        ("overview", {"at": "2100-01-01"}, "at: in the future"),
        ("data-alarms", {"view": "as_was"}, "unknown parameters: view; known: at"),
    ],
)
async def test_a_question_without_meaning_is_explained(
    served: Served, path: str, query: dict[str, Any], problem: str
) -> None:
    answer = await served.get(f"/api/v1/{path}", **query)
    assert answer.status == 400
    assert problem in answer.json["error"]
