"""How people answered, over HTTP."""

from typing import Any

import pytest

from tests.streams.web.served import Served

PERIOD: dict[str, Any] = {"from": "2026-03-08", "to": "2026-03-12T00:00:00Z"}


async def test_answers_are_counted_by_day_and_too_few_are_not_told_apart(served: Served) -> None:
    rows = (await served.get("/api/v1/distribution", department="marketing", **PERIOD)).json
    assert [(row["from"], row["to"], row["n"], row["suppressed"]) for row in rows] == [
        ("2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z", 0, "n_eff<5"),
        ("2026-03-09T00:00:00Z", "2026-03-10T00:00:00Z", 0, "n_eff<5"),
        ("2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", 20, ""),
        ("2026-03-11T00:00:00Z", "2026-03-12T00:00:00Z", 0, "n_eff<5"),
    ]
    assert {row["metric"] for row in rows} == {"nps"}
    assert rows[2]["answers"] == [
        {"answer": "detractors", "n": 5}, {"answer": "passives", "n": 0}, {"answer": "promoters", "n": 15},
    ]  # fmt: skip
    assert {answer["n"] for answer in rows[0]["answers"]} == {None}


async def test_as_is_counts_for_the_owner_at_the_end_of_the_period(served: Served) -> None:
    question: dict[str, Any] = {"view": "as_is", "metric": "nps", "from": "2026-03-08", "points": "1"}
    before = await served.get("/api/v1/distribution", department="marketing", to="2026-03-12", **question)
    assert [row["n"] for row in before.json] == [20]
    assert (await served.get("/api/v1/distribution", department="marketing", to="2026-04-02", **question)).json == []
    after = await served.get("/api/v1/distribution", department="sales", to="2026-04-02", **question)
    assert [row["n"] for row in after.json] == [20]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"points": "61"}, "points: a whole number from 1 to 60"),
        ({"metric": "traffic"}, "metric: one of nps, csat, ces"),
        ({"department": "nosuch"}, "department: one of marketing, sales, logistics, company, unowned"),
        ({"to": "2100-01-01"}, "to: in the future"),
        ({"horizon": "long"}, "unknown parameters: horizon; known: department, from, metric, points, to, view"),
    ],
)
async def test_a_question_without_meaning_or_bound_is_explained(
    served: Served, query: dict[str, Any], problem: str
) -> None:
    answer = await served.get("/api/v1/distribution", **query)
    assert answer.status == 400
    assert problem in answer.json["error"]
