"""Indices of past weeks: each is the scorecard of its instant."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metrics.figures.balances import VIEWS
from metrics.figures.scorecards import Scorecard
from streams.figures import minutes, snapshot
from streams.figures.index_history import history, weekly_instants
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import from_epoch
from tests.streams.given import event, facts_of

END = datetime(2026, 4, 15, 10, 30, tzinfo=UTC)


def numbers(card: Scorecard) -> dict[str, Any]:
    return {
        name: pytest.approx(value, abs=1e-9) if isinstance(value, float) else value
        for name, value in asdict(card).items()
    }


@pytest.mark.long
def test_every_week_is_the_scorecards_of_its_midnight_in_both_views_across_a_change_of_owner(
    store: Store, compiled: CompiledRegistry
) -> None:
    sent = [
        event(f"{kind}-{n}", kind, at=END - timedelta(days=50 - n * 50 / 120, hours=n % 7), **more)
        for n in range(120)
        for kind, more in (
            ("nps", {"score": n % 11, "customer": f"c-{n % 40}"}),
            ("visit", {"count": 1 + n % 5}),
            ("conversion", {}),
        )
    ]
    store.insert_facts(facts_of(sent, compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    instants = weekly_instants(END, 6)
    for view in VIEWS:
        cards = history(store, compiled, instants, view)
        assert len({card.department for card in cards}) >= 3
        for at_s in instants:
            of_instant = [card for card in cards if card.at == from_epoch(at_s)]
            computed = snapshot.compute(store, compiled, from_epoch(at_s), [view]).scorecards[view]
            assert [asdict(card) for card in of_instant] == [numbers(card) for card in computed]
        assert any(card.long_ci_low is not None and card.short_ci_low is not None for card in cards)


def test_before_anything_happened_there_is_nothing(store: Store, compiled: CompiledRegistry) -> None:
    assert history(store, compiled, weekly_instants(END, 2), "as_was") == []


def test_the_weeks_end_at_the_last_midnight_and_are_the_same_day_of_the_week() -> None:
    midnights = [from_epoch(at_s) for at_s in weekly_instants(END, 12)]
    assert midnights[-1] == datetime(2026, 4, 15, tzinfo=UTC)
    assert {(at.hour, at.weekday()) for at in midnights} == {(0, 2)}
    assert len(midnights) == 13
    assert weekly_instants(midnights[-1], 0) == [int(midnights[-1].timestamp())]
