import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from metrics.durations import DEFAULT_PERIOD
from metrics.figures.scorecards import Scorecard
from streams.figures import snapshot
from streams.figures.snapshot import Snapshot
from streams.governance.counting import Question, compute
from streams.governance.series import GovernanceKpis, GovernanceKpiWatcher, GovernanceSeries, governance_kpis
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.store.client import Store
from streams.store.statements import Query
from tests.streams.engine import EngineProcess
from tests.streams.given import NOON, REGISTRY, event, facts_of, rules_of, until

LATER = """
[[touchpoint]]
id = "delivery.parcel"
name = { en = "Parcel" }
stage = "after"
channel = "offline"
"""
CARD = Scorecard(NOON, "as_was", "company", 1.0, 2.0, 1.0, 0.7, 1.0, 2.0)


def company(store: Store, compiled: CompiledRegistry) -> None:
    """Journeys across two departments, an answer that nobody owns, and a case."""
    sent = [event(n, at=NOON - timedelta(days=1, hours=n), journey=f"j-{n}") for n in range(3)]
    sent += [event(n, at=NOON, touchpoint="delivery.parcel", journey=f"j-{n - 10}") for n in range(10, 13)]
    sent += [event("u", at=NOON, touchpoint="fax"), event("c", "case_opened", at=NOON, case_id="c-1")]
    store.insert_facts(facts_of(sent, compiled))


def weighed(store: Store, **days_ago: float) -> None:
    """Snapshots of the company's scorecard: so many days before NOON, the weight of the long term."""
    for name, weight in days_ago.items():
        card = replace(CARD, at=NOON - timedelta(days=int(name.lstrip("d"))), weight_balance=weight)
        snapshot.save(store, Snapshot(card.at, {"as_was": []}, {"as_was": [card]}, "v1"))


def test_the_standing_is_what_governance_tells_of_the_last_ninety_days(
    store: Store, compiled: CompiledRegistry
) -> None:
    company(store, compiled)
    at = NOON + timedelta(days=1)
    kpis = governance_kpis(store, compiled, at)
    expected = {
        (figure.measure, figure.subject): figure.estimate.value
        for figure in compute(store, compiled, Question(at - DEFAULT_PERIOD, at))
    }
    assert kpis.figures.items() <= expected.items()
    left_out = {measure for measure, _ in expected} - {measure for measure, _ in kpis.figures}
    assert left_out >= {"transitions", "hand_off_like_gap"}, "they grow with the square of the departments"
    assert kpis.figures["orphan_events", ""] == pytest.approx(1 / 7)
    assert kpis.figures["hand_off_share", ""] == 1
    assert kpis.figures["open_cases", "sales"] == 1


def test_the_series_take_a_row_by_touchpoint_and_none_by_pair_or_customer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_each = (
        f'[[department]]\nid = "d{n}"\nname = "D"\noffice = "front"\n'
        f'[[ownership]]\ntouchpoint = "t{n}"\nowner = "d{n}"\n'
        for n in range(20)
    )
    compiled = rules_of(f'version = "v1"\npolicy = "single"\nsponsor = "ceo"\n{"".join(of_each)}')
    sent = [
        event(f"{a}-{b}-{n}", "csat", NOON + timedelta(minutes=n), touchpoint=f"t{(a, b)[n]}", journey=f"{a}-{b}",
              customer=f"c{a}-{b}", score=3)
        for a in range(20) for b in range(20) for n in (0, 1)
    ]  # fmt: skip
    store.insert_facts(facts_of(sent, compiled))
    read, fetch = Counter[str](), store.fetch

    def counted(query: Query[Any], *args: Any, **fragments: Any) -> list[Any]:
        rows = fetch(query, *args, **fragments)
        read[query.name] += len(rows)
        return rows

    monkeypatch.setattr(store, "fetch", counted)
    kpis = governance_kpis(store, compiled, NOON + timedelta(days=1))
    assert kpis.figures["hand_off_share", ""] == 380 / 400
    assert read.total() < 100, f"of each of three periods a row by touchpoint: {read}"


@pytest.mark.parametrize(
    ("weights", "fell"),
    [
        ({}, False),
        ({"d1": 0.7}, False),  # new here: nothing to compare with
        ({"d40": 0.7, "d1": 0.6}, True),
        ({"d40": 0.7, "d1": 0.698}, False),
        ({"d40": 0.6, "d1": 0.7}, False),
        ({"d90": 0.9, "d40": 0.6, "d1": 0.6}, False),  # long ago: everybody knows
        ({"d31": 0.7, "d29": 0.5, "d1": 0.7}, False),  # and back again
    ],
    ids=str,
)
def test_a_declared_weight_has_fallen_if_it_is_lower_than_a_month_ago(
    store: Store, compiled: CompiledRegistry, weights: dict[str, float], fell: bool
) -> None:
    weighed(store, **weights)
    assert governance_kpis(store, compiled, NOON).fell["declared"] is fell


def test_a_lived_weight_has_fallen_if_cases_turn_from_what_comes_after_the_purchase(store: Store) -> None:
    compiled = rules_of(REGISTRY + LATER)
    at = NOON + timedelta(days=1)
    cases = [
        event(n, "case_opened", at=at - timedelta(days=50), touchpoint="delivery.parcel", case_id=f"c-{n}")
        for n in range(60)
    ]
    store.insert_facts(facts_of(cases, compiled))
    assert governance_kpis(store, compiled, at).fell["lived"] is False
    cases = [event(n, "case_opened", at=NOON, case_id=f"c-{n}") for n in range(100, 160)]
    store.insert_facts(facts_of(cases, compiled))
    assert governance_kpis(store, compiled, at).fell["lived"] is True
    assert governance_kpis(store, compiled, at).figures["long_term_weight_lived", ""] == 0.75


def test_the_series_are_of_a_closed_set_and_a_figure_without_a_value_has_none() -> None:
    figures = {
        ("orphan_events", ""): 0.25,
        ("long_term_weight_declared", ""): 0.7,
        ("effective_owners", "events"): 2.5,
        ("effective_owners", "spend EUR"): 1.0,
        ("open_cases", "sales"): 3.0,
        ("answers", "<b>"): 9.0,
    }
    registry = CollectorRegistry()
    registry.register(GovernanceSeries(lambda: GovernanceKpis(NOON, figures, {"declared": True})))
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in registry.collect()
        for sample in family.samples
    }
    assert samples == {
        ("cx_orphan_events_share",): 0.25,
        ("cx_long_term_weight", "declared"): 0.7,
        ("cx_long_term_weight_fell", "declared"): 1,
        ("cx_effective_owners", "events"): 2.5,
        ("cx_open_cases", "sales"): 3,
        ("cx_governance_updated_timestamp_seconds",): NOON.timestamp(),
    }


def test_before_the_first_computation_there_are_no_series() -> None:
    assert [family for family in GovernanceSeries(lambda: None).collect() if family.samples] == []


async def test_only_the_elected_worker_computes_and_it_rests_in_between(store: Store, registry_path: Path) -> None:
    elected = [False]
    watch = GovernanceKpiWatcher(store, RegistryWatcher(registry_path), lambda: elected[0], 0.05)
    running = asyncio.create_task(watch.run())
    await asyncio.sleep(0.2)
    assert watch.latest is None
    elected[0] = True
    await until(lambda: watch.latest is not None)
    elected[0] = False
    await until(lambda: watch.latest is None)
    running.cancel()
    await asyncio.wait([running])


async def test_a_computation_that_fails_is_told_and_tried_again(
    engine: EngineProcess, registry_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    missing = Store(engine.settings("no_such_database"))
    watch = GovernanceKpiWatcher(missing, RegistryWatcher(registry_path), lambda: True, 0.05)
    running = asyncio.create_task(watch.run())
    await until(lambda: caplog.text.count("could not be computed") > 1)
    assert watch.latest is None
    running.cancel()
    await asyncio.wait([running])
    missing.close()
