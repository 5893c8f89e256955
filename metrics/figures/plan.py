"""The distance to plan: how far a figure is from its target, and whether that is more than noise."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from metrics.figures.balances import Balance
from metrics.figures.scorecards import TargetsByDepartment, attainment, is_beyond_noise
from metrics.registry import Registry, Target


@dataclass(frozen=True, slots=True)
class ToPlan:
    """A figure beside its target.

    Attributes:
        target: What the metric should reach, as the company sees it and in its unit; None without a target.
        target_customer: Likewise, as customers define success.
        attainment: How far the figure is on the way from the floor (0) to the target (100), 0..150.
        distance: The figure minus the target, in the metric's unit; None without one of them.
        beyond_noise: Whether the target is outside of the figure's interval; None without an interval.
    """

    target: float | None = None
    target_customer: float | None = None
    attainment: float | None = None
    distance: float | None = None
    beyond_noise: bool | None = None


NO_PLAN: Final = ToPlan()


def to_plan(row: Balance, target: Target | None) -> ToPlan:
    """A figure beside the target that holds for it.

    Args:
        row: The figure.
        target: Of its metric and department, in force at its instant; None without.
    """
    if target is None:
        return NO_PLAN
    if row.value is None:
        return ToPlan(target.internal, target.customer)
    attained = attainment(row.value, target.floor, target.internal)
    beyond = None if row.ci_low is None else is_beyond_noise(row, target.internal)
    return ToPlan(target.internal, target.customer, attained, row.value - target.internal, beyond)


def to_plans(rows: Iterable[Balance], registry: Registry) -> Iterator[ToPlan]:
    """Each figure beside its target of that instant, in the order of the rows."""
    of_instant = cache(lambda at: TargetsByDepartment(registry.targets_at(at.timestamp())))
    chosen: dict[tuple[datetime, str], dict[str, Target]] = {}
    for row in rows:
        key = row.at, row.department
        if key not in chosen:
            chosen[key] = of_instant(row.at).of(row.department)
        yield to_plan(row, chosen[key].get(row.metric))
