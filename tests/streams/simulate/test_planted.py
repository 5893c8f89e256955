"""The planted company: its registry and its history have what is said to be planted."""

from datetime import UTC, datetime, timedelta

import pytest

from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.registry import UNOWNED
from metrics.registry.attribution import Attribution
from streams.registry.file import load
from streams.simulate import planted
from streams.simulate.company import SIMULATED_COMPANY
from streams.simulate.events import events
from tests.streams.given import encoded

START, END = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 11, 29, tzinfo=UTC)
REGISTRY = load(planted.registry()).registry


def test_the_registry_owns_what_facts_are_about_as_they_say() -> None:
    attribution = Attribution(REGISTRY)
    for touchpoint, owner in planted.PLANTED_OWNERS.items():
        for at in (START, END):
            assert attribution.owner(touchpoint, "", "", "contact", int(at.timestamp())) == owner


def test_every_touchpoint_but_the_orphan_is_declared() -> None:
    at_s = int(END.timestamp())
    owners = {
        plan.id: Attribution(REGISTRY).owner(plan.id, "", "", "csat", at_s) for plan in SIMULATED_COMPANY.touchpoints
    }
    assert [name for name, owner in owners.items() if owner == UNOWNED] == ["messaging.whatsapp"]


def test_a_history_is_accepted_in_order_and_the_same_for_a_seed() -> None:
    made = list(planted.history(seed=1, start=START, end=END, count=900, facts=100))
    stamps = [event["occurred_at"] for event in made]
    assert stamps == sorted(stamps)
    run = decode_run([encoded(event) for event in made], [int(END.timestamp() * 1000)] * len(made), RecordLimits())
    assert run.rejected == []
    assert made == list(planted.history(seed=1, start=START, end=END, count=900, facts=100))


@pytest.mark.parametrize("touchpoint", ["admin.invoice", "web.site"])
def test_only_the_hand_off_that_is_planted_lowers_scores(touchpoint: str) -> None:
    history = list(events(seed=1, start=START, end=START + timedelta(days=20), count=20_000, company=planted.PLANTED))
    last: dict[object, object] = {}
    scores: dict[bool, list[int]] = {True: [], False: []}
    for event in history:
        if "journey" in event:
            handed = last.get(event["journey"]) in ("sales.seller", "sales.quote", "store.point_of_sale")
            if event["touchpoint"] == touchpoint and event["kind"] == "csat":
                scores[handed].append(int(str(event["score"])))
            last[event["journey"]] = event["touchpoint"]
    gap = sum(scores[True]) / len(scores[True]) - sum(scores[False]) / len(scores[False])
    assert (gap < -0.5) == (touchpoint == "admin.invoice")
