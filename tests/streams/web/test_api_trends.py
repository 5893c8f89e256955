"""Trends over HTTP."""

from typing import Any

import pytest

from tests.streams.web.served import Served

PERIOD: dict[str, Any] = {"from": "2026-03-08", "to": "2026-04-03T12:00:00Z"}


async def test_a_trend_has_the_rows_that_balances_gives_for_each_of_its_instants(served: Served) -> None:
    question: dict[str, Any] = {"department": "marketing", "metric": "nps", "horizon": "long"}
    points = (await served.get("/api/v1/trends", **question, **PERIOD, points="5")).json
    assert [point["at"] for point in points] == [
        "2026-03-14T15:00:00Z", "2026-03-21T06:00:00Z", "2026-03-27T21:00:00Z", "2026-04-03T12:00:00Z",
    ]  # fmt: skip
    for point in points:
        [wanted] = (await served.get("/api/v1/balances", **question, at=point["at"])).json
        assert point == {
            name: pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
            for name, value in wanted.items()
        }


async def test_without_points_there_is_one_for_each_midnight_and_the_end(served: Served) -> None:
    points = (await served.get("/api/v1/trends", metric="nps", horizon="short", **PERIOD)).json
    assert {point["department"] for point in points} == {"company"}
    days = [f"2026-03-{day}T00:00:00Z" for day in range(11, 32)]
    assert [point["at"] for point in points] == [
        *days, *(f"2026-04-0{day}T00:00:00Z" for day in (1, 2, 3)), "2026-04-03T12:00:00Z",
    ]  # fmt: skip


async def test_what_is_told_apart_is_named_in_its_own_column(served: Served) -> None:
    for by, value in (("touchpoint", "web.checkout"), ("segment", ""), ("region", "")):
        points = (await served.get("/api/v1/trends", metric="nps", by=by, points="3", **PERIOD)).json
        assert {point[by] for point in points} == {value}


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"points": "401"}, "points: a whole number from 1 to 400"),
        ({"points": "0"}, "points: a whole number from 1 to 400"),
        ({"points": "61", "by": "region"}, "points: at most 60 together with by, and 400 without"),
        ({"by": "customer"}, "by: one of touchpoint, segment, region"),
        ({"department": "nosuch"}, "department: one of marketing, sales, logistics, company, unowned"),
        ({"metric": "mood"}, "metric: one of nps, csat, ces"),
        ({"from": "2026-04-01", "to": "2026-03-01"}, "from: give an instant before to"),
        ({"to": "2100-01-01"}, "to: in the future"),
        ({"since": "2026-04-01"}, "unknown parameters: since; known: by, department, from, horizon, metric, points"),
    ],
)
async def test_a_question_without_meaning_or_bound_is_explained(
    served: Served, query: dict[str, Any], problem: str
) -> None:
    answer = await served.get("/api/v1/trends", **query)
    assert answer.status == 400
    assert problem in answer.json["error"]
