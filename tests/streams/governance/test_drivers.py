"""Key drivers, of journeys in a real store."""

from datetime import timedelta
from random import Random
from typing import Any

from streams.governance.counting import Question
from streams.governance.drivers import as_json, compute
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import NOON, event, facts_of

QUESTION = Question(NOON - timedelta(days=20), NOON + timedelta(days=20))


def answered(seed: int, journeys: int) -> list[dict[str, Any]]:
    """Journeys with a CSAT of the checkout, a CES of the delivery, and an NPS that follows the checkout alone."""
    random, events = Random(seed), []
    for number in range(journeys):
        checkout, delivery = random.randint(1, 5), random.randint(1, 7)
        last = min(10, max(0, 2 * checkout + random.choice([-1, 0, 1])))
        begin = NOON + timedelta(minutes=number)
        answers = [
            ("csat", "web.checkout", checkout),
            ("ces", "delivery.parcel", delivery),
            ("nps", "web.account", last),
        ]
        for step, (kind, touchpoint, score) in enumerate(answers):
            events.append(
                event(
                    3 * number + step, kind=kind, touchpoint=touchpoint, score=score, at=begin + timedelta(seconds=step)
                )
                | {"journey": f"j-{number}", "customer": f"c-{number % (journeys * 3 // 4)}"}
            )
    return events


def test_the_touchpoint_that_decides_is_named_with_its_owner(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(answered(4, 200), compiled))
    driven = as_json(compute(store, compiled, QUESTION, "nps"))
    assert (driven["journeys"], driven["customers"], driven["sampled"]) == (200, 150, False)
    [first, second] = driven["drivers"]
    assert (first["touchpoint"], first["owner"], first["driver"]) == ("web.checkout", "sales", True)
    assert (second["touchpoint"], second["owner"], second["driver"]) == ("delivery.parcel", "logistics", False)
    assert first["slope_low"] > 100
    assert second["slope_low"] < 0 < second["slope_high"]
    assert driven["predicted"] > 0.5


def test_answers_after_the_last_word_say_nothing_about_it(store: Store, compiled: CompiledRegistry) -> None:
    events = answered(2, 150)
    store.insert_facts(facts_of(events, compiled))
    # CSAT is asked first in each of these journeys: before the last CSAT there is nothing.
    assert compute(store, compiled, QUESTION, "csat").drivers.journeys == 0


def test_facts_that_landed_twice_count_once(store: Store, compiled: CompiledRegistry) -> None:
    events = answered(3, 150)
    store.insert_facts(facts_of(events, compiled))
    once = as_json(compute(store, compiled, QUESTION, "nps"))
    store.insert_facts(facts_of(events[::-1], compiled))
    assert as_json(compute(store, compiled, QUESTION, "nps")) == once


def test_without_journeys_nothing_can_be_told(store: Store, compiled: CompiledRegistry) -> None:
    driven = as_json(compute(store, compiled, QUESTION, "nps"))
    assert (driven["drivers"], driven["explained"], driven["predicted"]) == ([], None, None)
