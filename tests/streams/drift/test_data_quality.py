from datetime import timedelta

import pytest

from metrics.drift.data_quality import COMPANIONS
from metrics.report.alert_facts import Unanswered
from streams.drift.data_quality import data_quality, quality_and_facts
from streams.figures import minutes
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.drift.conftest import END, Demo
from tests.streams.given import event, facts_of


@pytest.mark.long
def test_the_department_that_buys_short_term_with_long_term_is_myopic_and_no_other(demo: Demo) -> None:
    states = data_quality(demo.store, demo.compiled, END)
    assert {
        department for (companion, department), is_firing in states.items() if companion == "myopia" and is_firing
    } == {"sales"}
    assert {companion for companion, _ in states} == set(COMPANIONS)


def test_a_company_at_its_usual_business_has_no_other_companion(demo: Demo) -> None:
    states = data_quality(demo.store, demo.compiled, END)
    assert [key for key, is_firing in states.items() if is_firing and key[0] != "myopia"] == []


def test_a_touchpoint_that_fell_silent_is_reported_to_its_owner(store: Store, compiled: CompiledRegistry) -> None:
    begin = END - timedelta(days=34)
    made = [
        event(f"{name}-{n}", "csat", begin + timedelta(hours=n), touchpoint=name)
        for name, hours in (("web.checkout", 24 * 31), ("delivery.parcel", 24 * 34))
        for n in range(hours)
    ]
    store.insert_facts(facts_of(made, compiled))
    list(minutes.refresh(store, timedelta(0)))
    states = data_quality(store, compiled, END)
    assert {key for key, is_firing in states.items() if is_firing and key[0] == "silent_touchpoint"} == {
        ("silent_touchpoint", "sales")
    }


def test_a_touchpoint_whose_invitations_are_no_longer_answered_is_reported_to_its_owner(
    store: Store, compiled: CompiledRegistry
) -> None:
    made = []
    for name, until in (("web.checkout", 10), ("delivery.parcel", 0)):
        for n in range(38 * 20):
            at = END - timedelta(days=38) + timedelta(days=n / 20)
            customer = f"{name}-{n}"
            made.append(event(f"s-{customer}", "survey_sent", at, touchpoint=name, customer=customer))
            # Half of the invitations are answered after a day; at the checkout none of the last ten days.
            if n % 2 and END - at > timedelta(days=until) and END - at > timedelta(days=1):
                made.append(event(f"a-{customer}", at=at + timedelta(days=1), touchpoint=name, customer=customer))
    store.insert_facts(facts_of(made, compiled))
    list(minutes.refresh(store, timedelta(0)))
    quality = quality_and_facts(store, compiled, END)
    assert {key for key, is_firing in quality.states.items() if is_firing and key[0] == "responses"} == {
        ("responses", "sales")
    }
    assert quality.facts.unanswered == {"sales": [Unanswered("web.checkout", 50.0, 0.0, 140)]}
