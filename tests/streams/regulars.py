"""A calm company whose customers come again: whatever differs between its departments is chance.

Each customer has a mood, the same at every touchpoint and of every owner, and a habit: where most journeys begin. What
staff say of ownership is as the registry of the planted company means it; of success nobody is asked.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from streams.figures import minutes
from streams.simulate import planted
from streams.simulate.company import SIMULATED_COMPANY
from streams.simulate.governance import MISTAKEN, SUCCESS, governance
from streams.store.client import Store
from tests.streams.given import facts_of
from tests.streams.reporting import AT, RULES, SINCE

CUSTOMERS = 250
JOURNEYS = 20
"""Of each customer, on average."""
TOUCHPOINTS = [plan for plan in SIMULATED_COMPANY.touchpoints if plan.id != "messaging.whatsapp"]


def fill(store: Store, seed: int) -> None:
    """Lands its history."""
    facts = governance(seed=seed, start=SINCE, end=AT, count=5_000, owners=planted.PLANTED_OWNERS)
    store.insert_facts(facts_of([*happened(seed), *filter(_is_calm, facts)], RULES))
    list(minutes.refresh(store, timedelta(seconds=3)))


def _is_calm(fact: dict[str, Any]) -> bool:
    is_mistaken = (fact["touchpoint"], fact.get("role")) == MISTAKEN
    return not is_mistaken and fact.get("metric") not in SUCCESS


def happened(seed: int) -> Iterator[dict[str, Any]]:
    """Its journeys: about fifteen thousand steps, most with an answer."""
    rng = random.Random(f"regulars {seed}")
    for customer in range(CUSTOMERS):
        mood, home = rng.gauss(0, 1), rng.choice(TOUCHPOINTS)
        for number in range(rng.randint(JOURNEYS // 2, 3 * JOURNEYS // 2)):
            at = SINCE + (AT - SINCE) * rng.random() * 0.99
            for step in range(rng.randint(2, 4)):
                plan = home if rng.random() < (0.8 if step == 0 else 0.1) else rng.choice(TOUCHPOINTS)
                at += timedelta(minutes=rng.randint(1, 300))
                name = f"r-{customer}-{number}"
                yield _step(rng, f"{name}-{step}", plan.id, at, 4.0 + plan.liking + mood) | {
                    "customer": f"c-{customer}",
                    "journey": name,
                }


def _step(rng: random.Random, event_id: str, touchpoint: str, at: datetime, level: float) -> dict[str, Any]:
    [kind] = rng.choices(("csat", "nps", "visit", "conversion", "contact"), (60, 15, 10, 5, 10))
    stamp = at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
    step: dict[str, Any] = {"event_id": event_id, "source": "shop", "kind": kind, "touchpoint": touchpoint}
    if kind == "csat":
        step["score"] = min(5, max(1, round(rng.gauss(level, 0.7))))
    elif kind == "nps":
        step["score"] = min(10, max(0, round(rng.gauss(2 * level, 1.5))))
    return step | {"occurred_at": stamp}
