"""Trends over HTTP."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streams.figures import minutes, snapshot
from streams.figures.snapshot import Snapshot
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import rfc3339
from streams.web.answers import Site
from tests.streams.given import event, facts_of
from tests.streams.web.served import Served, served_by

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


class Refreshed:
    """A site whose refresher shows the figures of a moment ago, of answers of the last two days."""

    def __init__(self, site: Site, store: Store, compiled: CompiledRegistry) -> None:
        begin = datetime.now(UTC) - timedelta(days=2)
        lately = [event(f"n-{n}", score=n % 11, at=begin + timedelta(minutes=90 * n)) for n in range(30)]
        store.insert_facts(facts_of(lately, compiled))
        list(minutes.refresh(store, timedelta(0)))
        self.latest = self.taken(store, compiled, datetime.now(UTC))
        self.site = replace(site, latest=lambda: self.latest)

    @staticmethod
    def taken(store: Store, compiled: CompiledRegistry, at: datetime) -> Snapshot:
        return snapshot.compute(store, compiled, at.replace(microsecond=0), live=True)


@pytest.fixture
def refreshed(site: Site, filled: Store, compiled: CompiledRegistry) -> Refreshed:
    return Refreshed(site, filled, compiled)


@pytest.mark.parametrize("view", ["as_was", "as_is"])
@pytest.mark.parametrize("filters", [{}, {"metric": "nps"}, {"horizon": "long"}])
async def test_the_last_point_of_a_trend_up_to_now_is_what_balances_gives_of_now(
    refreshed: Refreshed, view: str, filters: dict[str, str]
) -> None:
    question: dict[str, Any] = {"department": "sales", "view": view, **filters}
    async with served_by(refreshed.site) as client:
        points = (await client.get("/api/v1/trends", points="4", **question)).json
        now = (await client.get("/api/v1/balances", **question)).json
        before = (await client.get("/api/v1/trends", points="4", to=rfc3339(refreshed.latest.at), **question)).json
    last = [point for point in points if point["at"] == rfc3339(refreshed.latest.at)]
    assert last
    assert {(row["metric"], row["horizon"]): row for row in last} == {
        (row["metric"], row["horizon"]): row for row in now
    }
    assert points[-len(last) :] == last
    assert len({point["at"] for point in points}) == len({point["at"] for point in before})
    assert rfc3339(refreshed.latest.at) not in {point["at"] for point in before} - {before[-1]["at"]}


async def test_a_trend_up_to_now_computes_nothing_of_now(refreshed: Refreshed, filled: Store) -> None:
    """Cells that nobody may read are asked for nothing: of one point, that of now, everything is there already."""
    async with served_by(refreshed.site) as client:
        [kept] = (await client.get("/api/v1/trends", metric="nps", horizon="long", points="1")).json
        filled.command("RENAME TABLE day_cells TO day_cells_away")
        try:
            again = await client.get("/api/v1/trends", metric="nps", horizon="long", points="1")
            told_apart = await client.get("/api/v1/trends", metric="nps", horizon="long", points="1", by="touchpoint")
        finally:
            filled.command("RENAME TABLE day_cells_away TO day_cells")
    assert again.json == [kept]
    assert told_apart.status >= 500


async def test_figures_that_are_older_than_the_point_before_do_not_stand_for_now(
    refreshed: Refreshed, filled: Store, compiled: CompiledRegistry
) -> None:
    old = datetime.now(UTC) - timedelta(days=1, hours=1)
    refreshed.latest = refreshed.taken(filled, compiled, old)
    async with served_by(refreshed.site) as client:
        points = (await client.get("/api/v1/trends", metric="nps", horizon="long", points="90")).json
    instants = [point["at"] for point in points]
    assert rfc3339(refreshed.latest.at) not in instants
    assert instants == sorted(instants)
    assert datetime.now(UTC) - datetime.fromisoformat(instants[-1]) < timedelta(minutes=5)
