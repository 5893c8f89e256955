from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from metrics.registry import UNOWNED, Registry, parse
from metrics.registry.attribution import Attribution
from streams.simulate.company import SCORED, SIMULATED_COMPANY, Effect, Season

REGISTRY = Path(__file__).parents[3] / "deploy" / "registry.toml"
ORPHAN = "messaging.whatsapp"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return parse(REGISTRY.read_text(encoding="utf-8"))


def owner_at(registry: Registry, touchpoint: str, at: datetime) -> str:
    return Attribution(registry).owner(touchpoint, "", "", "csat", int(at.timestamp()))


def test_the_company_has_every_touchpoint_of_the_sample_registry_and_an_orphan(registry: Registry) -> None:
    declared = {touchpoint.id: touchpoint.stage for touchpoint in registry.touchpoints}
    assert {plan.id: plan.stage for plan in SIMULATED_COMPANY.touchpoints if plan.id != ORPHAN} == declared
    assert ORPHAN in {plan.id for plan in SIMULATED_COMPANY.touchpoints}


def test_nobody_owns_the_orphan_and_it_is_small(registry: Registry) -> None:
    assert owner_at(registry, ORPHAN, NOW) == UNOWNED
    weights = {plan.id: sum(plan.kinds.values()) for plan in SIMULATED_COMPANY.touchpoints}
    assert 0 < weights[ORPHAN] < 0.02 * sum(weights.values())


def test_the_owner_changes_on_the_date_of_the_sample_registry(registry: Registry) -> None:
    change = SIMULATED_COMPANY.owner_change
    before, after = (
        owner_at(registry, change.touchpoint, change.on - ago) for ago in (timedelta(minutes=1), timedelta(0))
    )
    assert before != after


def test_one_department_of_the_sample_registry_is_myopic_and_it_does_not_own_the_drift(registry: Registry) -> None:
    owners = {owner_at(registry, touchpoint, NOW) for touchpoint in SIMULATED_COMPANY.myopia.touchpoints}
    assert len(owners) == 1
    assert owner_at(registry, SIMULATED_COMPANY.drift.touchpoint, NOW) not in owners | {UNOWNED}


def test_an_exception_of_the_sample_registry_concerns_a_region_where_customers_are(registry: Registry) -> None:
    exceptions = {rule.region for rule in registry.ownerships if rule.region is not None}
    assert exceptions
    assert exceptions <= {region.name for region in SIMULATED_COMPANY.regions}


def test_a_season_is_one_on_average_over_the_week() -> None:
    season = Season(hours=tuple(range(1, 25)), weekdays=(1, 2, 3, 4, 5, 6, 7))
    levels = [season.level(hour, weekday) for hour in range(24) for weekday in range(7)]
    assert sum(levels) / len(levels) == pytest.approx(1)
    assert season.level(23, 6) == pytest.approx(24 / 12.5 * 7 / 4)


def test_an_effect_builds_up_evenly_and_stays() -> None:
    effect = Effect(frozenset(), frozenset(), begins=100, full=200)
    assert [effect.progress(at) for at in (99, 100, 150, 200, 1_000)] == [0, 0, 0.5, 1, 1]


def test_an_effect_without_a_ramp_is_there_at_once() -> None:
    effect = Effect(frozenset(), frozenset(), begins=100, full=100)
    assert [effect.progress(at) for at in (99, 100)] == [0, 1]


def test_the_drift_begins_its_lead_before_the_end_unless_told_otherwise() -> None:
    start, end = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    drifts = [SIMULATED_COMPANY.effects(start, end)[0], SIMULATED_COMPANY.effects(start, end, drift_from=start)[0]]
    assert [drift.begins for drift in drifts] == [(end - timedelta(days=12)).timestamp(), start.timestamp()]


def test_drifting_owner_changing_and_myopic_touchpoints_are_three_separate_stories() -> None:
    apart = {SIMULATED_COMPANY.drift.touchpoint, SIMULATED_COMPANY.owner_change.touchpoint}
    assert len(apart) == 2
    assert not apart & SIMULATED_COMPANY.myopia.touchpoints


def test_what_changes_is_something_that_the_company_has() -> None:
    plans = {plan.id: plan.kinds.keys() for plan in SIMULATED_COMPANY.touchpoints}
    assert SIMULATED_COMPANY.drift.kind in plans[SIMULATED_COMPANY.drift.touchpoint]
    assert SCORED & plans[SIMULATED_COMPANY.owner_change.touchpoint]
    team_kinds = {kind for touchpoint in SIMULATED_COMPANY.myopia.touchpoints for kind in plans[touchpoint]}
    assert SIMULATED_COMPANY.myopia.volume.keys() | SIMULATED_COMPANY.myopia.scored <= team_kinds
