"""Trends: each point is the figure of its instant."""

import random
from collections.abc import Iterator
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from metrics.catalogue import KINDS, METRICS
from metrics.figures.balances import VIEWS, Balance
from metrics.figures.trends import TrendQuestion
from metrics.registry.names import OTHER
from streams.figures import days, minutes, repeats, snapshot, trends
from streams.figures.trends import TrendPoint, trend
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import REGISTRY, event, facts_of, rules_of

LAST = datetime(2026, 4, 9, tzinfo=UTC)
DAYS = 24
# The web changes hands in the midst of a day; windows begin within the history.
RULES = REGISTRY.replace("2026-04-01", "2026-04-01T07:30:00Z") + '[horizons]\nshort = "12h"\nlong = "2d"\n'

WITHOUT_RULES = RULES[: RULES.index("[[ownership]]")] + '[horizons]\nshort = "12h"\nlong = "2d"\n'


def history(seed: int = 1) -> Iterator[dict[str, Any]]:
    """Every kind of event, at uneven times; customers come again; at some touchpoints it is silent for days."""
    chance = random.Random(seed)
    for number in range(1200):
        at = LAST - timedelta(minutes=chance.randrange(DAYS * 1440))
        touchpoint = chance.choice(("web.checkout", "web.cart", "delivery.slot", "phone"))
        if touchpoint == "delivery.slot" and at.day in range(26, 32):
            continue
        kind = chance.choice([kind for kind in KINDS if kind != "contact"])
        fields: dict[str, Any] = {"count": chance.randrange(1, 9)} if kind in ("awareness", "visit") else {}
        if kind in ("nps", "csat", "ces"):
            fields["score"] = chance.randrange(1, 6)
        yield event(
            number, kind, at, touchpoint=touchpoint, customer=chance.choice((None, *(f"c{n}" for n in range(60)))),
            region=chance.choice((None, "north", "south")), **fields,
        )  # fmt: skip


@pytest.fixture(scope="module")
def rules() -> CompiledRegistry:
    return rules_of(RULES)


@pytest.fixture
def landed(store: Store, rules: CompiledRegistry) -> Store:
    """The history, folded; and what came late to one of the days is not folded yet."""
    events = list(history())
    store.insert_facts(facts_of(events[40:], rules))
    list(minutes.refresh(store, timedelta(seconds=3)))
    list(days.fold(store, rules.registry.horizons))
    late = [late for late in events[:40] if late["occurred_at"] < "2026-03-29"]
    store.insert_facts(facts_of(late, rules))
    list(minutes.refresh(store, timedelta(seconds=3)))
    return store


def question_of(department: str = "company", **fields: Any) -> TrendQuestion:
    instants = [int((LAST - timedelta(days=back)).timestamp()) for back in range(DAYS + 1)][::-1]
    given = {"metrics": tuple(METRICS), "horizons": ("short", "long"), "view": "as_was", "instants": instants}
    return TrendQuestion(department, **(given | fields))


def assert_same(found: list[Balance], wanted: list[Balance]) -> None:
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        for mine, theirs in zip(astuple(one), astuple(other), strict=True):
            if isinstance(theirs, float) and isinstance(mine, float):
                assert mine == pytest.approx(theirs, rel=1e-9, abs=1e-9), (one, other)
            else:
                assert mine == theirs, (one, other)


def in_order(row: Balance) -> tuple[int, bool]:
    return list(METRICS).index(row.metric), row.horizon != "short"


def of_instant(points: list[TrendPoint], at_s: int) -> list[Balance]:
    return [point.balance for point in points if point.balance.at.timestamp() == at_s]


@pytest.mark.long
def test_each_point_is_the_figure_of_its_instant_in_both_views(landed: Store, rules: CompiledRegistry) -> None:
    midday = [int((LAST - timedelta(days=back, hours=5, minutes=13)).timestamp()) for back in (0, 8)]
    instants = sorted([*question_of().instants[1::5], *midday])
    computed = {at_s: snapshot.compute(landed, rules, datetime.fromtimestamp(at_s, UTC)) for at_s in instants}
    reasons = set()
    for department, view in product(("company", "marketing", "sales", "logistics", "unowned"), VIEWS):
        points = trend(landed, rules, question_of(department, view=view, instants=instants))
        for at_s, figures in computed.items():
            wanted = sorted((row for row in figures.balances[view] if row.department == department), key=in_order)
            assert_same(of_instant(points, at_s), wanted)
        reasons |= {point.balance.suppressed for point in points}
    assert {"", "stale", "n_eff<5", "warming_up"} <= reasons


def test_of_many_customers_the_same_stand_for_all_as_at_one_instant(
    landed: Store, rules: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "ROWS_READ", 10)
    monkeypatch.setattr(repeats, "MOST_REPEATING", 7)
    question = question_of(metrics=("csat", "repeat_rate"), instants=question_of().instants[10:24:6])
    points = trend(landed, rules, question)
    assert max(point.balance.sampled_one_in for point in points) > 1
    for at_s in question.instants:
        rows = snapshot.compute(landed, rules, datetime.fromtimestamp(at_s, UTC)).balances["as_was"]
        wanted = [row for row in rows if row.department == "company" and row.metric in question.metrics]
        assert_same(of_instant(points, at_s), sorted(wanted, key=in_order))


def test_what_is_told_apart_has_the_figures_of_a_department_that_owned_it_alone(
    landed: Store, rules: CompiledRegistry
) -> None:
    instants = question_of().instants[9::7]
    values = {"touchpoint": {"web.checkout", "web.cart", "delivery.slot", "phone"}, "region": {"", "north", "south"}}
    for by, value, rule in (("touchpoint", "web.cart", '"web.cart"'), ("region", "south", '"*"\nregion = "south"')):
        apart = trend(landed, rules, question_of(by=by, instants=instants))
        assert {point.value for point in apart} == values[by]
        alone = rules_of(WITHOUT_RULES + f'[[ownership]]\ntouchpoint = {rule}\nowner = "logistics"\n')
        wanted = [point.balance for point in trend(landed, alone, question_of("logistics", instants=instants))]
        found = [replace(point.balance, department="logistics") for point in apart if point.value == value]
        assert_same(found, wanted)


def test_beyond_the_most_values_the_rest_counts_together(
    landed: Store, rules: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = question_of(
        by="touchpoint", metrics=("traffic",), horizons=("long",), instants=question_of().instants[-1:]
    )
    every = {point.value: point.balance.n for point in trend(landed, rules, question)}
    monkeypatch.setattr(trends, "MOST_VALUES", 2)
    few = {point.value: point.balance.n for point in trend(landed, rules, question)}
    assert (len(every), len(few)) == (4, 3)
    assert few[OTHER] == sum(n for value, n in every.items() if value not in few)
    assert sum(few.values()) == sum(every.values())


def test_before_anything_happened_there_is_no_point(landed: Store, rules: CompiledRegistry) -> None:
    assert trend(landed, rules, question_of(instants=[0, 86_400])) == []
