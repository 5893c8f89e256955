"""Journeys packed into numbers by the store come back as they were."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from metrics.catalogue import KINDS
from metrics.governance.estimates import NO_MOMENTS, Moments
from metrics.governance.journeys import Path
from metrics.governance.transitions import Transition
from streams.errors import ConfigurationError
from streams.governance.counting import Question, count
from streams.governance.journeys import LEVELS, PATH, journeys
from streams.governance.rows import JourneyRow
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import NOON, event, facts_of, rules_of

WEB = {"touchpoint": "web.checkout"}
PARCEL = {"touchpoint": "delivery.parcel"}
QUESTION = Question(NOON, NOON + timedelta(days=30))


def journey(name: str, *steps: tuple[dict[str, str], str, float, int | None]) -> list[dict[str, Any]]:
    """Steps: where, of which kind, hours after noon, with which score."""
    return [
        event(f"{name}{n}", kind, NOON + timedelta(hours=hours), journey=name, score=score, **where)
        for n, (where, kind, hours, score) in enumerate(steps)
    ]


def moments(*values: float) -> Moments:
    return Moments(len(values), sum(values), sum(value * value for value in values))


def test_every_score_of_every_question_keeps_its_satisfaction(store: Store, compiled: CompiledRegistry) -> None:
    scores = [("nps", n, n / 10) for n in range(11)]
    scores += [("csat", n, (n - 1) / 4) for n in range(1, 6)] + [("ces", n, (n - 1) / 6) for n in range(1, 8)]
    events = [fact for kind, score, _ in scores
              for fact in journey(f"{kind}{score}", (WEB, "visit", 0, None), (PARCEL, kind, 1, score))]  # fmt: skip
    store.insert_facts(facts_of(events, compiled))
    between = count(store, compiled, QUESTION).transitions
    assert [(transition.giver, transition.taker, transition.n) for transition in between] == [
        ("sales", "logistics", n) for n in (11, 5, 7)
    ]
    for transition, kind in zip(between, ("nps", "csat", "ces"), strict=True):
        wanted = moments(*(level for name, _, level in scores if name == kind))
        assert (transition.after.n, transition.after.total) == (wanted.n, pytest.approx(wanted.total))
        assert transition.after.squares == pytest.approx(wanted.squares)
    assert len({transition.asked for transition in between}) == len(LEVELS[1:]) - 20


def test_answers_are_counted_by_customer_and_by_journey_where_nobody_knows_whose_they_are(
    store: Store, compiled: CompiledRegistry
) -> None:
    steps = ((WEB, "visit", 0, None), (PARCEL, "csat", 1, 5))
    known = [fact | {"customer": "c-1"} for name in ("a", "b") for fact in journey(name, *steps)]
    unknown = journey("c", *steps) + journey("d", *steps, (WEB, "contact", 2, None), (PARCEL, "csat", 3, 1))
    # Of a journey one step is enough to know whose it is.
    half = [fact | ({"customer": "c-1"} if fact["event_id"].endswith("e0") else {}) for fact in journey("e", *steps)]
    store.insert_facts(facts_of([*known, *unknown, *half], compiled))
    [scored] = [transition for transition in count(store, compiled, QUESTION).transitions if transition.asked]
    assert sorted(item[1:] for item in scored.by_customer) == [(1, 1.0), (2, 1.0), (3, 3.0)]
    assert (scored.after.n, scored.after.total) == (6, 5.0)


def test_of_a_great_many_answers_customers_are_grouped(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = ((WEB, "visit", 0, None), (PARCEL, "csat", 1, 5))
    events = [fact | {"customer": f"c-{n}"} for n in range(600) for fact in journey(f"j{n}-", *steps)]
    store.insert_facts(facts_of(events, compiled))
    [apart] = count(store, compiled, QUESTION).transitions
    monkeypatch.setattr("streams.governance.journeys.MOST_APART", 599)
    [grouped] = count(store, compiled, QUESTION).transitions
    assert len(apart.by_customer) > 590
    assert 100 < len(grouped.by_customer) <= 128
    assert (apart.n, apart.after) == (grouped.n, grouped.after)


def test_a_path_ends_before_its_conversion_unless_that_is_all_there_is(
    store: Store, compiled: CompiledRegistry
) -> None:
    events = [
        *journey("a", (PARCEL, "visit", 0, None), (WEB, "conversion", 1, None), (PARCEL, "contact", 2, None)),
        *journey("b", (WEB, "conversion", 0, None), (PARCEL, "contact", 2, None)),
        *journey("c", (WEB, "visit", 0, None), (WEB, "visit", 1, None), (PARCEL, "contact", 2, None)),
        *journey("d", (WEB, "visit", 0, None), (PARCEL, "visit", 1, None), (WEB, "conversion", 2, None)),
    ]
    store.insert_facts(facts_of(events, compiled))
    counted = count(store, compiled, QUESTION)
    assert set(counted.paths) == {
        Path(("logistics",), 1, 0),
        Path(("sales",), 1, 0),
        Path(("sales", "logistics"), 1, 1),
    }
    assert counted.departments == Moments(4, 8, 16)
    assert counted.changes == Moments(4, 2 + 1 + 1 + 2, 4 + 1 + 1 + 4)


def test_credit_by_time_halves_with_the_half_life_before_the_last_step(
    store: Store, compiled: CompiledRegistry
) -> None:
    steps = ((PARCEL, "visit", 0, None), (WEB, "visit", 168, None), (WEB, "conversion", 200, None))
    store.insert_facts(facts_of(journey("a", *steps), compiled))
    assert count(store, compiled, QUESTION).decayed == {
        "logistics": pytest.approx(1 / 3),
        "sales": pytest.approx(2 / 3),
    }


@pytest.mark.parametrize("days", [30, 1_000, 20_000])
def test_a_long_period_tells_the_same_of_the_same_steps(store: Store, compiled: CompiledRegistry, days: int) -> None:
    steps = ((PARCEL, "nps", 0, 10), (WEB, "visit", 0.001, None), (PARCEL, "csat", 0.002, 1))
    store.insert_facts(facts_of(journey("a", *steps), compiled))
    counted = count(store, compiled, Question(QUESTION.at - timedelta(days=days), QUESTION.at))
    assert {(transition.giver, transition.taker, transition.after) for transition in counted.transitions} == {
        ("logistics", "sales", NO_MOMENTS),
        ("sales", "logistics", Moments(1, 0.0, 0.0)),
    }


def test_steps_at_one_instant_have_an_order_that_does_not_depend_on_their_arrival(
    open_store: Any, compiled: CompiledRegistry
) -> None:
    events = journey("a", (PARCEL, "visit", 0, None), (WEB, "visit", 0, None), (PARCEL, "contact", 0, None))
    results = []
    for order in (events, events[::-1]):
        with open_store() as store:
            for fact in order:
                store.insert_facts(facts_of([fact], compiled))
            results.append(count(store, compiled, QUESTION).paths)
    assert results[0] == results[1]


def test_many_touchpoints_and_departments_are_told_apart(store: Store) -> None:
    names = [f"d{n}" for n in range(300)]
    text = 'version = "1"\npolicy = "single"\n' + "".join(
        f'[[department]]\nid = "{name}"\nname = "D"\noffice = "back"\n'
        f'[[ownership]]\ntouchpoint = "t.{name}"\nowner = "{name}"\n'
        for name in names
    )  # fmt: skip
    compiled = rules_of(text)
    pairs = list(pairwise(names))
    places = [({"touchpoint": f"t.{name}"}, {"touchpoint": f"t.{after}"}) for name, after in pairs]
    steps = [((here, "visit", 0, None), (there, "nps", 1, 5)) for here, there in places]
    events = [fact for n, both in enumerate(steps) for fact in journey(f"j{n}-", *both)]
    store.insert_facts(facts_of(events, compiled))
    between = count(store, compiled, QUESTION).transitions
    assert {(transition.giver, transition.taker) for transition in between} == set(pairs)
    assert len({transition.asked for transition in between}) == 299


def test_rows_of_paths_tell_how_many_converted() -> None:
    rows = [JourneyRow(PATH, 77, [1, 0], 5, 2.0)]
    counted = journeys(rows, ["unowned", "it"])
    assert counted.paths == (Path(("it", "unowned"), 2, 3),)
    assert (counted.transitions, counted.decayed, counted.departments) == ((), {}, NO_MOMENTS)
    assert journeys([], []).transitions == ()
    assert Transition("a", "b", 1).asked == 0


def test_more_departments_than_have_a_number_are_refused(store: Store) -> None:
    text = 'version = "1"\npolicy = "single"\n'
    text += "".join(f'[[department]]\nid = "d{n}"\nname = "D"\noffice = "back"\n' for n in range(2_048))
    store.insert_facts(facts_of([event(1)], rules_of(text)))
    with pytest.raises(ConfigurationError, match="2048 departments and teams, and governance tells 2047 apart"):
        count(store, rules_of(text), QUESTION)


@pytest.mark.long
def test_touchpoints_that_nobody_declared_may_be_many(store: Store, compiled: CompiledRegistry) -> None:
    events = [event(n, "visit", touchpoint=f"web.t{n}", journey=f"j{n % 100}") for n in range(15_000)]
    store.insert_facts(facts_of(events, compiled))
    store.unknown_names = 15_000
    counted = count(store, compiled, QUESTION)
    assert counted.owned == {(f"web.t{n}", "sales"): 1 for n in range(15_000)}
    assert counted.transitions == (Transition("sales", "sales", 14_900),)


def test_the_table_numbers_kinds_as_the_catalogue_does(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of([event(kind, kind) for kind in KINDS], compiled))
    rows = store.query("SELECT toString(kind) AS name, toInt8(kind) AS number FROM events FINAL")
    assert {row["name"]: row["number"] for row in rows} == {kind: n for n, kind in enumerate(KINDS, start=1)}
