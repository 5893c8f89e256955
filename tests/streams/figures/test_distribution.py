"""How people answered, counted from cells and facts: what is counted is what figures are made of."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from metrics.figures.balances import VIEWS
from metrics.figures.days import HALF_LIVES_COUNTED
from metrics.figures.distribution import ANSWER_METRICS, ANSWERS_OF, DistributionQuestion
from streams.figures import minutes, snapshot
from streams.figures.distribution import answer_counts
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import REGISTRY, event, facts_of, rules_of

LAST = datetime(2026, 4, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# The web changes hands in the midst of a day and of a stretch; the window of the long horizon is twenty days.
RULES = REGISTRY.replace("2026-04-01", "2026-04-01T07:30:00Z") + '[horizons]\nshort = "12h"\nlong = "2d"\n'
SCORES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}


def history(seed: int = 1) -> Iterator[dict[str, Any]]:
    """Answers of every score at uneven times, before, within and after the window."""
    chance = random.Random(seed)
    for number in range(900):
        kind = chance.choice(ANSWER_METRICS)
        yield event(
            number, kind, LAST + timedelta(days=1) - timedelta(minutes=chance.randrange(24 * 1440)),
            touchpoint=chance.choice(("web.checkout", "web.cart", "delivery.slot", "phone")),
            score=chance.randint(*SCORES[kind]), region=chance.choice((None, "north", "south")),
        )  # fmt: skip


@pytest.fixture(scope="module")
def rules() -> CompiledRegistry:
    return rules_of(RULES)


@pytest.fixture
def landed(store: Store, rules: CompiledRegistry) -> Store:
    facts = facts_of(list(history()), rules)
    store.insert_facts(facts)
    store.insert_facts(facts)  # what lands twice counts once
    list(minutes.refresh(store, timedelta(seconds=3)))
    return store


def window(days: float) -> tuple[int, int]:
    """The whole minutes that count at LAST on a horizon, from the first on."""
    last_s = int(LAST.timestamp())
    return int(last_s - HALF_LIVES_COUNTED * days * 86_400) + 60, last_s


def test_answers_of_a_window_add_up_to_the_n_of_its_figures_in_both_views(
    landed: Store, rules: CompiledRegistry
) -> None:
    figures = snapshot.compute(landed, rules, LAST)
    first, last = window(2)
    bounds = [first, *range(first + 300_000, last, 300_000), last]
    for department, view in product(("company", "marketing", "sales", "logistics", "unowned"), VIEWS):
        found = answer_counts(landed, rules, DistributionQuestion(department, ANSWER_METRICS, view, bounds))
        counted: Counter[str] = Counter()
        for item in found:
            counted[item.metric] += item.n
            assert (item.counts is None) == (item.n < 5) == (item.suppressed == "n_eff<5")
            assert item.counts is None or sum(item.counts) == item.n
        wanted = {
            row.metric: row.n
            for row in figures.balances[view]
            if (row.department, row.horizon) == (department, "long") and row.metric in ANSWERS_OF and row.n
        }
        assert counted == wanted, (department, view)
    assert counted


def test_each_stretch_holds_the_answers_of_its_own_minutes(landed: Store, rules: CompiledRegistry) -> None:
    first, last = window(2)
    bounds = (first, first + 86_400 * 7, last)
    found = answer_counts(landed, rules, DistributionQuestion("company", ANSWER_METRICS, "as_was", bounds))
    assert [(item.metric, item.start_s) for item in found] == [
        (metric, start) for metric in ANSWER_METRICS for start in bounds[:-1]
    ]
    for item in found:
        scores = [
            sent["score"]
            for sent in history()
            if sent["kind"] == item.metric
            and item.start_s <= datetime.fromisoformat(sent["occurred_at"]).timestamp() < item.end_s
        ]
        if item.metric == "nps":
            wanted = [sum(s <= 6 for s in scores), sum(s in (7, 8) for s in scores), sum(s >= 9 for s in scores)]
        else:
            wanted = [scores.count(int(answer)) for answer in ANSWERS_OF[item.metric]]
        assert list(item.counts or ()) == wanted
