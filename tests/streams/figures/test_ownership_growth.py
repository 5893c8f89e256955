"""What readings cost as registries grow, by counting: statements, rows, text and addresses, never time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest

from metrics.catalogue import KINDS
from metrics.figures.distribution import ANSWER_METRICS, DistributionQuestion
from metrics.figures.trends import TrendQuestion
from streams.drift import observations
from streams.figures import minutes, snapshot
from streams.figures.distribution import answer_counts
from streams.figures.index_history import history
from streams.figures.response_rates import InvitationSpan, invited
from streams.figures.trends import trend
from streams.governance import counting
from streams.governance.counting import Question
from streams.governance.impact import moved_events
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import from_epoch
from tests.streams.figures.test_closed_days import DAY, TOUCHPOINTS, dated
from tests.streams.given import event, facts_of, rules_of

DAYS = 30


@dataclass
class Spent:
    """What statements took: how many, the rows they gave, the longest text, and the longest address."""

    statements: int = 0
    rows: int = 0
    text: int = 0
    address: int = 0


@pytest.fixture
def filled(store: Store, today: datetime) -> Store:
    events: list[dict[str, Any]] = []
    for number in range(1_200):
        kind = ("nps", "visit", "csat", "survey_sent", "conversion", "ownership_answer")[number % 6]
        more = {"role": "customer", "answer": "d1"} if kind == "ownership_answer" else {}
        events.append(event(
            number, kind, today - DAYS * DAY + timedelta(minutes=number * 36), touchpoint=f"t{number % TOUCHPOINTS}",
            customer=f"c{number % 50}", journey=f"j{number % 300}", **more,
        ))  # fmt: skip
    store.insert_facts(facts_of(events, dated(today - DAYS * DAY, TOUCHPOINTS)))
    list(minutes.refresh(store, timedelta(seconds=3)))
    return store


def spent(store: Store, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> Spent:
    found, result, fetch = Spent(), store._result, store.fetch

    def counted(sql: str, parameters: dict[str, Any] | None) -> Any:
        found.statements += 1
        found.text = max(found.text, len(sql))
        found.address = max(found.address, len(urlencode(parameters or {})))
        return result(sql, parameters)

    def fetched(*args: Any, **fragments: Any) -> list[Any]:
        rows = fetch(*args, **fragments)
        found.rows += len(rows)
        return rows

    with monkeypatch.context() as patched:
        patched.setattr(store, "_result", counted)
        patched.setattr(store, "fetch", fetched)
        act()
    return found


Act = Callable[[Store, CompiledRegistry, int], object]
ACTS: dict[str, Act] = {
    "figures": lambda store, rules, now_s: snapshot.compute(store, rules, from_epoch(now_s)),
    "drift": lambda store, rules, now_s: observations.observed(
        store, rules.attribution, now_s - DAYS * 86_400, now_s
    ),
    "tallies of drift": lambda store, rules, now_s: observations.owned_tallies(
        store, rules.attribution, rules.names, KINDS, now_s - DAYS * 86_400, now_s
    ),
    "distribution": lambda store, rules, now_s: answer_counts(
        store, rules, DistributionQuestion("d1", ANSWER_METRICS, "as_was", [now_s - DAYS * 86_400, now_s])
    ),
    "response rates": lambda store, rules, now_s: invited(
        store, rules, InvitationSpan(now_s - DAYS * 86_400, now_s), "as_was"
    ),
    "trend of the company": lambda store, rules, now_s: trend(
        store, rules,
        TrendQuestion("company", ("nps",), ("long",), "as_is", [now_s - n * 86_400 for n in range(DAYS)][::-1]),
    ),
    "trend as_was": lambda store, rules, now_s: trend(
        store, rules, TrendQuestion("d1", ("nps",), ("long",), "as_was", [now_s - n * 86_400 for n in range(9)][::-1])
    ),
    "trend as_is": lambda store, rules, now_s: trend(
        store, rules,
        TrendQuestion("d1", ("nps", "csat"), ("long",), "as_is", [now_s - n * 86_400 for n in range(DAYS)][::-1]),
    ),
    "indices as_is": lambda store, rules, now_s: history(
        store, rules, [now_s - n * 7 * 86_400 for n in range(3)][::-1], "as_is"
    ),
    "indices": lambda store, rules, now_s: history(
        store, rules, [now_s - n * 7 * 86_400 for n in range(3)][::-1], "as_was"
    ),
    "governance": lambda store, rules, now_s: counting.count(
        store, rules, Question(from_epoch(now_s) - 20 * DAY, from_epoch(now_s))
    ),
    "governance of two registries": lambda store, rules, now_s: moved_events(
        store, rules, rules, Question(from_epoch(now_s) - 20 * DAY, from_epoch(now_s))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
def test_with_a_hundred_times_as_many_dates_a_reading_asks_as_often_for_rows_of_the_same_number(
    filled: Store, today: datetime, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    few, many = (
        spent(filled, monkeypatch, partial(ACTS[name], filled, rules, int(today.timestamp())))
        for rules in (dated(today - DAYS * DAY, dates) for dates in (20, 2_000))
    )
    assert many.statements <= few.statements
    assert many.address <= few.address + 100
    assert many.rows <= 4 * few.rows + 20
    assert many.text <= few.text + 2_000 * 150  # each date a few times, under each registry


def filtered(segments: int, regions: int) -> CompiledRegistry:
    """Touchpoints, each with rules of so many segments and of so many regions."""
    lines = ['version = "1"', 'policy = "single"']
    for number in range(3):
        lines += ["[[department]]", f'id = "d{number}"', f'name = "D{number}"', 'office = "front"']
    for touchpoint in range(TOUCHPOINTS):
        lines += ["[[ownership]]", f'touchpoint = "t{touchpoint}"', f'owner = "d{touchpoint % 3}"']
        for name, count in (("segment", segments), ("region", regions)):
            for number in range(count):
                lines += ["[[ownership]]", f'touchpoint = "t{touchpoint}"', f'{name} = "{name[0]}{number}"']
                lines += [f'owner = "d{(touchpoint + number) % 3}"']
    return rules_of("\n".join(lines))


@pytest.mark.parametrize("name", ["figures", "drift", "trend as_is", "governance"])  # all take the same list
def test_with_ten_times_as_many_segments_and_regions_statements_are_ten_times_as_long_and_not_a_hundred_times(
    filled: Store, today: datetime, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    few, many = (
        spent(filled, monkeypatch, partial(ACTS[name], filled, rules, int(today.timestamp())))
        for rules in (filtered(6, 3), filtered(60, 30))
    )
    assert many.statements <= few.statements
    assert many.rows <= few.rows + 20
    assert many.text <= 12 * few.text
