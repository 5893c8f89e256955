"""Figures from the store, folded and not, equal those that an independent program computed from real events."""

import gzip
import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics.figures.balances import VIEWS
from streams.figures import days, minutes, snapshot
from streams.store.client import Store
from tests.metrics import reference
from tests.streams.given import facts_of, rules_of

pytestmark = pytest.mark.olist
INSTANTS = (datetime(2017, 11, 30, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC))


@pytest.mark.long
def test_the_stores_figures_of_real_events_are_the_expected_ones_by_minute_and_by_day(
    store: Store, olist: Path
) -> None:
    compiled = rules_of((olist / "registry.toml").read_text())
    with gzip.open(olist / "events.ndjson.gz", "rt") as lines:
        store.insert_facts(facts_of([json.loads(line) for line in lines], compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    for fold in (False, True):
        if fold:
            list(days.fold(store, compiled.registry.horizons))
        for at in INSTANTS:
            computed = snapshot.compute(store, compiled, at)
            for view in VIEWS:
                expected = json.loads((olist / "second" / f"expected.{view}.{at:%F}.json").read_text())
                got = [asdict(row) for row in computed.balances[view]]
                assert reference.differences(got, expected["balances"]) == []
                cards = [_as_balance(asdict(card)) for card in computed.scorecards[view]]
                assert reference.differences(cards, map(_as_balance, expected["scorecards"])) == []


def _as_balance(card: dict[str, Any]) -> dict[str, Any]:
    return {**card, "metric": "", "horizon": ""}
