"""What the store counts for governance is what a plain reading of the same facts counts."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from metrics.catalogue import SCORE_RANGES
from metrics.drift.detection import Alarm
from metrics.governance.cases import Case
from metrics.governance.coverage import BOXES
from metrics.governance.credit import credit, time_decay
from metrics.governance.handoffs import fragmentation
from metrics.governance.journeys import Journey, Step, paths
from metrics.governance.perception import Answers
from metrics.governance.spend import Promoters, Spend
from metrics.governance.transitions import Transition, transitions
from streams.drift import repository
from streams.figures import minutes
from streams.governance.counting import Question, as_rows, compute, count
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import NOON, REGISTRY, facts_of, rules_of
from tests.streams.given import event as answer

SINCE, AT = NOON - timedelta(days=20), NOON + timedelta(days=20)
QUESTION = Question(SINCE, AT)
TOUCHPOINTS = ("web.checkout", "web.site", "delivery.parcel", "fax")


def company(seed: int) -> list[dict[str, Any]]:
    """Journeys over the days around a change of owner, each of up to five steps."""
    generator = random.Random(seed)
    made = []
    for number in range(400):
        began = SINCE + timedelta(minutes=generator.randrange(39 * 1440))
        for step in range(generator.randint(1, 5)):
            kind = generator.choice(["visit", "contact", "nps", "csat", "ces", "conversion"])
            event: dict[str, Any] = {
                "event_id": f"{number}-{step}",
                "source": "shop",
                "kind": kind,
                "touchpoint": generator.choice(TOUCHPOINTS),
                "occurred_at": (began + timedelta(minutes=step)).astimezone(UTC).isoformat(),
                "segment": generator.choice(["smb", "big"]),
            }
            if generator.random() < 0.9:
                event["journey"] = f"j-{number}"
            if kind in SCORE_RANGES:
                event["score"] = generator.randint(*SCORE_RANGES[kind])
            made.append(event)
    return made


EVENTS = company(5)


def owner(event: dict[str, Any], compiled: CompiledRegistry, at: datetime | None = None) -> str:
    moment = at or datetime.fromisoformat(event["occurred_at"])
    labels = (event["touchpoint"], event.get("segment", ""), event.get("region", ""), event["kind"])
    return compiled.attribution.owner(*labels, int(moment.timestamp()))


def second(event: dict[str, Any]) -> int:
    return int(datetime.fromisoformat(event["occurred_at"]).timestamp())


def satisfaction(event: dict[str, Any]) -> float | None:
    if event["kind"] not in SCORE_RANGES:
        return None
    low, high = SCORE_RANGES[event["kind"]]
    return float((event["score"] - low) / (high - low))


def journeys(compiled: CompiledRegistry, at: datetime | None = None) -> tuple[list[Journey], list[Journey]]:
    """All journeys in full, and up to their conversion."""
    whole: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in EVENTS:
        if "journey" in event:
            whole[event["journey"]].append(event)
    full, cut = [], []
    for events in whole.values():
        steps = tuple(Step(owner(event, compiled, at), second(event), satisfaction(event)) for event in events)
        won = next((i for i, event in enumerate(events) if event["kind"] == "conversion"), None)
        full.append(Journey(steps))
        cut.append(Journey(steps if won is None else steps[: max(won, 1)], won is not None))
    return full, cut


def collapsed(items: Iterable[Transition]) -> list[Transition]:
    """Transitions by giver and taker, whatever was asked after them."""
    merged: dict[tuple[str, str], Transition] = {}
    for transition in items:
        pair = (transition.giver, transition.taker)
        other = merged.get(pair, Transition(*pair, 0))
        merged[pair] = Transition(*pair, other.n + transition.n, other.after + transition.after)
    return list(merged.values())


@pytest.mark.parametrize("view", ["as_was", "as_is"])
def test_hand_offs_and_paths_are_those_of_a_plain_reading(store: Store, compiled: CompiledRegistry, view: Any) -> None:
    columns = facts_of(EVENTS, compiled)
    store.insert_facts(columns)
    store.insert_facts(columns)
    counted = count(store, compiled, Question(SINCE, AT, view))
    full, cut = journeys(compiled, AT if view == "as_is" else None)
    assert set(counted.paths) == set(paths(cut))
    assert counted.decayed == pytest.approx(credit(cut, time_decay))
    hands = fragmentation(full)
    assert (counted.departments.mean, counted.departments.n) == (pytest.approx(hands.departments.value), len(full))
    assert counted.changes.mean == pytest.approx(hands.changes.value)
    expected = {(transition.giver, transition.taker): transition for transition in transitions(full)}
    merged = collapsed(counted.transitions)
    assert {(transition.giver, transition.taker) for transition in merged} == expected.keys()
    for transition in merged:
        other = expected[transition.giver, transition.taker]
        assert (transition.n, transition.after.n) == (other.n, other.after.n)
        assert transition.after.total == pytest.approx(other.after.total)
        assert transition.after.squares == pytest.approx(other.after.squares)


def test_events_scores_and_days_are_those_of_a_plain_reading(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(EVENTS, compiled))
    counted = count(store, compiled, QUESTION)
    assert counted.owned == dict(Counter((event["touchpoint"], owner(event, compiled)) for event in EVENTS))
    assert sum(counted.slices.values()) == len(EVENTS)
    scored = [event for event in EVENTS if "score" in event]
    bad = Counter(event["touchpoint"] for event in scored if event["score"] < SCORE_RANGES[event["kind"]][0] + BOXES)
    assert {name: item.bad for name, item in counted.scores.items() if item.bad} == dict(bad)
    by_day: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for event in scored:
        day = int(datetime.fromisoformat(event["occurred_at"]).timestamp()) // 86_400
        by_day[event["touchpoint"], day].append(satisfaction(event) or 0.0)
    assert {(name, day) for name, days in counted.days.items() for day in days} == by_day.keys()
    for (name, day), values in by_day.items():
        assert counted.days[name][day].n == len(values)
        assert counted.days[name][day].total == pytest.approx(sum(values))


def governance(number: int, kind: str, at: datetime = NOON, **fields: Any) -> dict[str, Any]:
    common = {"event_id": f"g-{number}", "source": "poll", "kind": kind, "touchpoint": "web.checkout"}
    return common | {"occurred_at": at.astimezone(UTC).isoformat()} | fields


def test_answers_spend_and_cases_are_counted(store: Store, compiled: CompiledRegistry) -> None:
    before, day = NOON - timedelta(days=2), timedelta(days=1)
    facts = [
        *(governance(i, "ownership_answer", answer="sales", role="manager", facet="voice") for i in range(3)),
        governance(3, "ownership_answer", answer="nobody", role="manager"),
        *(governance(4 + i, "success_answer", metric="nps", value=55) for i in range(2)),
        governance(6, "spend", category="rework", amount="12.50", currency="EUR", at=before),
        governance(7, "spend", category="rework", amount="7.50", currency="EUR"),
        governance(8, "case_opened", case_id="a", at=before),
        governance(9, "case_closed", case_id="a", resolved=True, at=before + day),
        governance(10, "case_opened", case_id="b"),
        governance(11, "case_closed", case_id="never opened", resolved=True),
        governance(12, "case_opened", case_id="c", at=SINCE - day),
    ]
    store.insert_facts(facts_of(facts, compiled))
    counted = count(store, compiled, QUESTION)
    assert set(counted.answers) == {
        Answers("web.checkout", "voice", "manager", "sales", 3),
        Answers("web.checkout", "", "manager", "nobody", 1),
    }
    assert counted.success == {"nps": {55.0: 2}}
    assert set(counted.spends) == {
        Spend("marketing", "web.checkout", "rework", "EUR", Decimal("12.5")),
        Spend("sales", "web.checkout", "rework", "EUR", Decimal("7.5")),
    }
    opened, noon = int(before.timestamp()), int(NOON.timestamp())
    assert set(counted.cases) == {
        Case("marketing", opened, opened + 86_400, True, None, "web.checkout"),
        Case("sales", noon, touchpoint="web.checkout"),
    }
    assert counted.owned == {}


def test_promoters_are_counted_beside_spend_before_and_after_the_middle_of_the_period(
    store: Store, compiled: CompiledRegistry
) -> None:
    early, late = NOON - timedelta(days=3), NOON + timedelta(days=3)
    answers = [
        *(answer(n, score=9 if n < 4 else 3, at=early, customer=f"c-{n}") for n in range(20)),
        *(answer(20 + n, score=10 if n < 9 else 8, at=late, customer=f"c-{n}") for n in range(10)),
        answer(99, touchpoint="web.site", score=9, at=late),
    ]
    store.insert_facts(facts_of(answers, compiled))
    assert count(store, compiled, QUESTION).promoters == {}
    paid = governance(1, "spend", category="rework", amount="1", currency="EUR")
    store.insert_facts(facts_of([paid], compiled))
    assert count(store, compiled, QUESTION).promoters == {
        "web.checkout": Promoters((4, 20), (9, 10), 20),
        "web.site": Promoters((0, 0), (1, 1), 0),
        "department marketing": Promoters((4, 20), (0, 0), 20),
        "department sales": Promoters((0, 0), (10, 11), 10),
    }


def test_alarms_of_the_period_are_counted_by_metric(store: Store, compiled: CompiledRegistry) -> None:
    at_s = int(NOON.timestamp())
    repository.save_alarms(
        store,
        [
            Alarm(at_s, "sales", "nps", "down", at_s - 7200, 40.0, 30.0, "b"),
            Alarm(at_s + 60, "sales", "nps", "calm", None, 0.0, 30.0, "b"),
            Alarm(at_s, "sales", "traffic", "up", at_s - 7200, 40.0, 30.0, "b"),
            Alarm(at_s + 90 * 86_400, "sales", "traffic", "up", at_s, 40.0, 30.0, "b"),
        ],
        0,
    )
    assert count(store, compiled, QUESTION).alarms == {"nps": 1, "traffic": 1}


def test_what_metrics_stand_at_is_asked_for_only_where_programmes_may_clash(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of([answer(n, score=10) for n in range(20)], compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    assert count(store, compiled, QUESTION).levels == {}
    programmes = "".join(
        f'\n[[program]]\nname = "{name}"\nowner = "sales"\ntouchpoints = ["web.*"]\nmetric = "nps"\ntarget = {target}\n'
        for name, target in (("more", 99), ("less", 50))
    )
    clashing = rules_of(REGISTRY + programmes)
    assert count(store, clashing, QUESTION).levels["nps"] == 100


def test_another_registry_moves_the_owners_of_the_same_facts(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(EVENTS, compiled))
    segments = '\n[[ownership]]\ntouchpoint = "web.site"\nsegment = "smb"\nkind = "nps"\nowner = "logistics"\n'
    other = rules_of(REGISTRY + segments)
    counted = count(store, other, QUESTION)
    assert counted.owned == dict(Counter((event["touchpoint"], owner(event, other)) for event in EVENTS))
    assert counted.owned != count(store, compiled, QUESTION).owned


def test_figures_are_rows_with_interval_and_sample_size(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(EVENTS, compiled))
    rows = as_rows(compute(store, compiled, QUESTION))
    by_key = {(row["measure"], row["subject"]): row for row in rows}
    assert len(by_key) == len(rows)
    unowned = sum(owner(event, compiled) == "unowned" for event in EVENTS)
    assert by_key["orphan_events", ""]["value"] == pytest.approx(unowned / len(EVENTS))
    assert by_key["orphan", "fax"]["value"] == sum(event["touchpoint"] == "fax" for event in EVENTS)
    assert ("change_effect", "web.checkout") in by_key
    assert by_key["change_synthetic", "web.checkout"]["reason"] in ("too_few_weeks", "too_few_donors")
    assert by_key["change_effect", "web.checkout"]["reason"] == ""
    for rule in ("last", "first", "linear", "position", "markov", "shapley"):
        shares = [row["value"] for (measure, _), row in by_key.items() if measure == f"credit_{rule}"]
        assert sum(shares) == pytest.approx(1)
    for row in rows:
        assert row["ci_low"] is None or row["ci_low"] <= row["value"] + 1e-9 <= row["ci_high"] + 2e-9


def test_an_empty_store_has_the_figures_of_the_registry_alone(store: Store, compiled: CompiledRegistry) -> None:
    measures = {row["measure"] for row in as_rows(compute(store, compiled, QUESTION)) if row["value"] is not None}
    assert "clear_lines" in measures
    assert not [measure for measure in measures if measure.startswith(("credit", "hand_off"))]
