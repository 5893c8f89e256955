"""The distance to plan, and the targets of which instant it is measured against."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metrics.figures.balances import Balance
from metrics.figures.plan import NO_PLAN, ToPlan, to_plan, to_plans
from metrics.figures.scorecards import scorecards
from metrics.registry import Registry, Target, parse

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
REGISTRY = """
version = "1"
policy = "single"
[[target]]
metric = "nps"
floor = 0
internal = 40
customer = 50
to = 2026-01-01
[[target]]
metric = "nps"
floor = 0
internal = 80
from = 2026-01-01
"""


def figure(value: float | None, at: datetime = NEW_YEAR, **more: Any) -> Balance:
    low, high = (None, None) if value is None else (value - 5, value + 5)
    row = Balance(at, "as_was", "sales", "nps", "long", "long", value, low, high, 90, 90.0, "" if value else "stale")
    return replace(row, **more)


@pytest.fixture
def registry() -> Registry:
    return parse(REGISTRY)


def test_a_figure_is_compared_with_the_target_of_its_own_instant(registry: Registry) -> None:
    before, since = to_plans([figure(44.0, NEW_YEAR - timedelta(minutes=1)), figure(44.0)], registry)
    assert before == ToPlan(40, 50, 110.00000000000001, 4, beyond_noise=False)
    assert since == ToPlan(80, None, 55.00000000000001, -36, beyond_noise=True)


def test_a_figure_without_value_has_a_target_but_no_distance(registry: Registry) -> None:
    assert list(to_plans([figure(None)], registry)) == [ToPlan(80)]
    assert to_plan(figure(1.0), None) == NO_PLAN


def test_without_an_interval_nothing_is_said_about_noise(registry: Registry) -> None:
    (plan,) = to_plans([figure(1.0, ci_low=None, ci_high=None)], registry)
    assert (plan.distance, plan.beyond_noise) == (-79, None)


def test_scorecards_use_the_targets_in_force_and_name_what_is_off_plan(registry: Registry) -> None:
    of = {at: scorecards([figure(44.0, at)], registry.targets_at(at.timestamp()))[0] for at in (
        NEW_YEAR - timedelta(minutes=1), NEW_YEAR
    )}  # fmt: skip
    before, since = of.values()
    assert (before.long_index, before.behind, before.ahead) == (pytest.approx(110), (), ())
    assert (since.long_index, since.behind) == (pytest.approx(55), ("nps",))


def test_a_department_whose_own_target_is_over_is_held_to_the_general_one() -> None:
    own = Target("nps", "sales", 0, 60, None, 1.0, None, NEW_YEAR)
    base = parse('version = "1"\npolicy = "single"\n')
    registry = replace(base, targets=(Target("nps", None, 0, 40, None, 1.0), own))
    plans = to_plans([figure(1.0, NEW_YEAR - timedelta(minutes=1)), figure(1.0)], registry)
    assert [plan.target for plan in plans] == [60, 40]
