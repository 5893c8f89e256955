"""Alarms that a change of ownership explains, over a real store."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy
from streams.drift import repository
from streams.drift.explanation import drifting
from streams.drift.watcher import DetectionRunner
from streams.figures import minutes
from streams.store.client import Store
from streams.store.clock import store_time
from tests.streams.given import event, facts_of, rules_of

BEGIN = datetime(2026, 3, 20, tzinfo=UTC)
MOVED = datetime(2026, 3, 30, tzinfo=UTC)
END = datetime(2026, 4, 5, tzinfo=UTC)
EVERY = timedelta(minutes=10)
REGISTRY = """
version = "v1"
policy = "single"

[[department]]
id = "marketing"
name = "Marketing"
office = "front"

[[department]]
id = "sales"
name = "Sales"
office = "front"

[[ownership]]
touchpoint = "shop.*"
owner = "sales"

[[ownership]]
touchpoint = "web.*"
owner = "marketing"
to = 2026-03-30

[[ownership]]
touchpoint = "web.*"
owner = "sales"
from = 2026-03-30
"""


@pytest.mark.parametrize(
    ("shop_after", "web", "explained"), [(0.8, 0.4, "ownership"), (0.4, 0.8, "none"), (0.8, 0.8, None)]
)
def test_an_alarm_is_explained_by_ownership_where_what_moved_makes_most_of_the_change(
    store: Store, shop_after: float, web: float, explained: str | None
) -> None:
    compiled, rng = rules_of(REGISTRY), random.Random(4)
    made = []
    for n in range((END - BEGIN) // EVERY):
        at = BEGIN + n * EVERY
        shop = shop_after if at >= MOVED else 0.8
        made.append(event(2 * n, "csat", at, score=5 if rng.random() < shop else 2, touchpoint="shop.counter"))
        made.append(event(2 * n + 1, "csat", at, score=5 if rng.random() < web else 2, touchpoint="web.checkout"))
    store.insert_facts(facts_of(made, compiled))
    list(minutes.refresh(store, timedelta(0)))
    store.insert("refreshes", ("upto", "minutes"), ([store_time(store) + timedelta(seconds=11)], [0]))
    snapshot = DetectionRunner(store, DetectionPolicy(0.05, DEFAULT_SHIFTS)).look(compiled, END, 0.0)
    mine = [row.explained_by for row in repository.alarms(store) if row.department == "sales" and row.state == "down"]
    assert mine == ([] if explained is None else [explained])
    owned = explained == "ownership"
    assert (snapshot.explained, ("sales", "csat") in snapshot.explained_now) == (int(owned), owned)
    texts = [
        story.text
        for story in drifting(store, compiled, repository.baselines(store), END)
        if story.department == "sales"
    ]
    assert ["touchpoints that changed hands explain most of it" in text for text in texts] == [owned] * len(texts)
    assert len(texts) == len(mine)
