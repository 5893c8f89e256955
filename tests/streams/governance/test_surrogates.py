"""Surrogates, of weeks in a real store."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from metrics.governance.weeks import SurrogatesBy
from streams.figures import minutes
from streams.governance.surrogates import as_json, compute
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import event, facts_of

MONDAY = datetime(2025, 1, 6, 9, tzinfo=UTC)
WEEKS = 80
AT = MONDAY + timedelta(weeks=WEEKS)
LAG = 3
SURROGATES_BY: tuple[SurrogatesBy, ...] = ("department", "touchpoint")


def busy_weeks(weeks: int = WEEKS) -> list[dict[str, Any]]:
    """Visits of a touchpoint by the week, and answers that are better the more visits there were three weeks before."""
    random, events = Random(1), []
    crowd = [random.random() for _ in range(weeks + LAG)]
    for week in range(weeks):
        at = MONDAY + timedelta(weeks=week)
        visits, before = crowd[week + LAG], crowd[week]
        events.append(event(f"v{week}", kind="visit", count=round(200 * 10**visits), at=at))
        for answer in range(8):
            score = 10 if answer < round(8 * before) else 0
            events.append(event(f"a{week}-{answer}", score=score, at=at + timedelta(hours=answer)))
        events.append(event(f"d{week}", kind="visit", touchpoint="delivery.parcel", count=50 + week % 7, at=at))
    return events


@pytest.fixture
def weeks(store: Store, compiled: CompiledRegistry) -> Store:
    store.insert_facts(facts_of(busy_weeks(), compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    return store


def test_a_planted_relation_is_told_with_lag_and_department(weeks: Store, compiled: CompiledRegistry) -> None:
    found = as_json(compute(weeks, compiled, AT))
    assert (found["weeks"], found["tested"]) == (WEEKS, 2)
    by_department = {pair["department"]: pair for pair in found["pairs"]}
    # Sales owns the touchpoint at the instant, and so in all weeks; logistics has no long-term metric.
    assert by_department.keys() == {"company", "sales"}
    sales = by_department["sales"]
    assert (sales["short"], sales["long"], sales["reading"]) == ("traffic", "nps", "long_will_follow")
    assert sales["lag_weeks"] == LAG
    assert 0 < sales["effect_low"] <= sales["effect"] <= sales["effect_high"]
    assert (sales["rise"], sales["rise_unit"], sales["effect_unit"]) == (10, "percent", "points")
    assert {
        "department": "sales",
        "long": "nps",
        "shorts": ["traffic"],
        "touchpoints": [""],
        "skill": sales["skill"],
    } in found["indices"]
    # One department alone is judged among all.
    assert as_json(compute(weeks, compiled, AT), "sales") == found | {
        "pairs": [sales],
        "indices": [index for index in found["indices"] if index["department"] == "sales"],
    }


def test_by_touchpoint_short_term_metrics_are_those_of_one_and_long_term_ones_the_departments(
    weeks: Store, compiled: CompiledRegistry
) -> None:
    by_department, found = (as_json(compute(weeks, compiled, AT, by)) for by in SURROGATES_BY)
    pairs = {(pair["department"], pair["touchpoint"]): pair for pair in found["pairs"]}
    assert found["tested"] == 3
    [of_all] = [pair for pair in by_department["pairs"] if pair["department"] == "sales"]
    # All that sales has is at one touchpoint; only the number of comparisons differs.
    assert pairs["sales", "web.checkout"] == of_all | {"touchpoint": "web.checkout"}
    assert pairs["company", "delivery.(other)"]["reading"] == "cannot_be_told"
    assert found["indices"][0]["touchpoints"] == ["web.checkout"]


def test_weeks_after_the_instant_and_the_one_that_is_not_over_do_not_count(
    weeks: Store, compiled: CompiledRegistry
) -> None:
    early = as_json(compute(weeks, compiled, AT - timedelta(weeks=30)))
    assert (early["to"], early["weeks"]) == ("2025-12-22T00:00:00Z", 50)
    assert {pair["reason"] for pair in early["pairs"]} == {"too_few_weeks"}
    nothing = as_json(compute(weeks, compiled, datetime(1970, 1, 1, tzinfo=UTC)))
    assert (nothing["weeks"], nothing["pairs"]) == (0, [])
