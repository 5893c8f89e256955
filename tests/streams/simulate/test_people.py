import random

from streams.simulate.company import SIMULATED_COMPANY
from streams.simulate.people import People


def some_people() -> People:
    return People(SIMULATED_COMPANY, random.Random(1), "run")


def test_a_conversion_turns_a_prospect_into_a_buyer_on_the_same_journey() -> None:
    people = some_people()
    visitor = people.meet("visit", "before")
    assert people.meet("conversion", "during") == visitor
    assert people.meet("renewal", "after") == visitor


def test_churn_ends_the_journey() -> None:
    people = some_people()
    buyer = people.meet("conversion", "during")
    assert people.meet("churn", "after") == buyer
    assert people.meet("contact", "after").journey != buyer.journey


def test_a_step_after_the_purchase_without_a_buyer_begins_a_journey_that_goes_on() -> None:
    people = some_people()
    assert people.meet("contact", "after") == people.meet("contact", "after")


def test_the_same_customer_may_begin_several_journeys_of_different_names() -> None:
    people = some_people()
    met = [people.meet("churn", "after") for _ in range(3_000)]
    assert len({traveller.journey for traveller in met}) == 3_000
    assert len({traveller.customer for traveller in met}) < 3_000


def test_old_journeys_make_room_for_new_ones() -> None:
    people = some_people()
    for _ in range(5_000):
        people.meet("conversion", "during")
    assert len({people.meet("contact", "after").journey for _ in range(20_000)}) <= 1_000


def test_regions_are_as_frequent_as_the_plan_says() -> None:
    people = some_people()
    names = [people.region().name for _ in range(10_000)]
    assert 0.37 < names.count("it-north") / len(names) < 0.43
