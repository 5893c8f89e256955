"""The demo's plan: what it says is planted is what is, and it goes on as the same company."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis.strategies import integers

from metrics.drift.subjects import SUBJECTS
from streams import simulate
from streams.cli.up_demo import HISTORY_FACTS, DemoPlan, begun, in_words, occurred, owner_at, split
from streams.registry.file import load, sample
from streams.simulate import SIMULATED_COMPANY
from streams.simulate.events import EventFields
from streams.simulate.told import planted_in_words, planted_pairs

END = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PLAN = DemoPlan(END)
COMPILED = load(sample())


def test_the_start_names_the_drift_each_metric_of_the_myopia_and_the_change_of_owner() -> None:
    drift, myopia, change = in_words(PLAN, COMPILED).splitlines()[1:]
    assert drift == (
        "  - a sudden drift: csat at service.switchboard (service) falls from 12 November on, within 4 days"
    )
    assert "sales buys conversions and traffic with csat, nps and repeat_rate, little by little since 26 Aug" in myopia
    assert "product.manual passes from product to service on 1 October" in change


def test_another_plan_is_told_otherwise_and_a_change_outside_of_the_history_not_at_all() -> None:
    drift = replace(SIMULATED_COMPANY.drift, touchpoint="web.site", kind="ces", score=0.5, lead=timedelta(days=3))
    change = replace(SIMULATED_COMPANY.owner_change, on=PLAN.start - timedelta(days=1))
    other = replace(SIMULATED_COMPANY, drift=drift, owner_change=change)
    sentences = list(planted_in_words(owner_at(COMPILED), PLAN.start, END, other))
    assert len(sentences) == 2
    assert sentences[0] == "a sudden drift: ces at web.site (marketing) rises from 21 November on, within 4 days"


def test_what_is_planted_is_every_metric_that_a_told_sentence_names_and_little_more() -> None:
    planted = planted_pairs(owner_at(COMPILED), PLAN.start, END)
    assert {("service", "csat"), ("product", "csat")} < planted
    of_sales = {metric for department, metric in planted if department == "sales"}
    assert of_sales == {"traffic", "conversions", "conversion_rate", "repeat_rate", "nps", "csat"}
    assert {department for department, _ in planted} == {"sales", "service", "product"}
    assert len(planted) < len(SUBJECTS) * len(COMPILED.registry.departments) / 4


def test_a_demo_that_starts_again_in_its_directory_is_the_same_company(tmp_path: Path) -> None:
    first = begun(tmp_path, END)
    again = begun(tmp_path, END + timedelta(days=2))
    assert first == again == PLAN
    assert list(itertools.islice(first.events(), 50)) == list(itertools.islice(again.events(), 50))


@given(count=integers(1, 40), cut=integers(0, 50))
def test_split_events_are_all_there_in_order_on_their_side_of_the_instant(count: int, cut: int) -> None:
    events: list[EventFields] = [{"occurred_at": (END + timedelta(hours=hour)).isoformat()} for hour in range(count)]
    at = END + timedelta(hours=cut)
    before, after = split(iter(events), at)
    past = list(before)
    assert all(occurred(event) < at for event in past)
    assert [*past, *after] == events
    assert len(past) == min(cut, count)


def test_facts_about_governance_go_on_and_no_id_comes_twice() -> None:
    facts = list(itertools.takewhile(lambda fact: occurred(fact) < END + timedelta(days=100), _facts()))
    assert len({fact["event_id"] for fact in facts}) == len(facts)
    by_month = [
        sum(END + timedelta(days=30 * n) <= occurred(fact) < END + timedelta(days=30 * (n + 1)) for fact in facts)
        for n in range(-3, 3)
    ]
    assert all(0.8 < there / (HISTORY_FACTS / 3 * 1.18) < 1.2 for there in by_month)


def _facts() -> Iterator[EventFields]:
    few = simulate.endless(seed=1, start=PLAN.start, end=END, count=1, facts=HISTORY_FACTS)
    return (event for event in few if str(event["event_id"]).startswith("g-"))


def test_the_rate_in_words_is_that_of_the_hour() -> None:
    assert PLAN.rate_in_words(END.replace(hour=10)) != PLAN.rate_in_words(END.replace(day=25, hour=3))
    assert PLAN.rate_in_words(END.replace(day=25, hour=10)) == (
        "about one event every 12 s, as this company has at this hour"
    )
