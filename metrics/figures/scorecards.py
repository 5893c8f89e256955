"""Scorecards: a department's figures against its targets, short-term next to long-term."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from metrics.catalogue import METRICS, Term
from metrics.figures.balances import Balance, View, rows_by_department
from metrics.figures.index_intervals import AttainedMetric, index_interval
from metrics.registry import Target

TARGET_LEVELS: Final = ("floor", "internal", "customer")
MAX_ATTAINMENT: Final = 1.5
"""Attainment is capped at 150: one metric far above its target cannot hide the others."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One department's indices at an instant: a row of the table `scorecards`.

    Attributes:
        short_index: Weighted mean attainment of the short-term metrics, 0..150; None without any.
        long_index: Likewise, long-term.
        outcome_balance: long_index - short_index, -150..150: the term on which the department is ahead.
        weight_balance: Share of long-term targets in all weights, 0..1: which term the company says it values.
        short_index_customer: short_index against the customers' targets.
        long_index_customer: Likewise, long-term.
        short_metrics: The metrics that short_index rests on: those with a figure and a target.
        short_targets: The short-term metrics that have a target: those beyond have no figure.
        long_metrics: Likewise, long-term.
        long_targets: Likewise, long-term.
        behind: The metrics that are below their target beyond noise, each on the horizon of its term.
        ahead: Those that are above it.
        short_ci_low: Lower end of the 95 % interval of short_index; None where one of its metrics has no interval.
        short_ci_high: Upper end.
        short_n_eff: Effective observations behind the metric of short_index that has the fewest; None without any.
        long_ci_low: Likewise, long-term.
        long_ci_high: Likewise, long-term.
        long_n_eff: Likewise, long-term.
    """

    at: datetime
    view: View
    department: str
    short_index: float | None
    long_index: float | None
    outcome_balance: float | None
    weight_balance: float | None
    short_index_customer: float | None
    long_index_customer: float | None
    short_metrics: int = 0
    short_targets: int = 0
    long_metrics: int = 0
    long_targets: int = 0
    behind: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    short_ci_low: float | None = None
    short_ci_high: float | None = None
    short_n_eff: float | None = None
    long_ci_low: float | None = None
    long_ci_high: float | None = None
    long_n_eff: float | None = None


def attainment(value: float, floor: float, target: float) -> float:
    """How far a value is on the way from its floor (0) to its target (100), clipped to 0..150.

    >>> attainment(20, 0, 40), attainment(-5, 0, 40), attainment(400, 0, 40)
    (50.0, 0.0, 150.0)
    """
    return 100 * min(MAX_ATTAINMENT, max(0.0, (value - floor) / (target - floor)))


class TargetsByDepartment:
    """The targets of an instant, to be asked for those of one department after the other."""

    def __init__(self, targets: Iterable[Target]) -> None:
        """Takes those of all departments."""
        self._general: dict[str, Target] = {}
        self._own: defaultdict[str, dict[str, Target]] = defaultdict(dict)
        for target in targets:
            if target.department is None:
                self._general.setdefault(target.metric, target)
            else:
                self._own[target.department][target.metric] = target

    def of(self, department: str) -> dict[str, Target]:
        """Those that apply to a department, by metric: one that names it wins over the general one."""
        return {**self._general, **self._own.get(department, {})}


def targets_by_level(departments: Iterable[str], targets: Iterable[Target]) -> Iterator[tuple[str, str, str, float]]:
    """Targets of an instant as department, metric, level and value: those that apply to each of some departments."""
    chosen = TargetsByDepartment(targets)
    for department in departments:
        for metric, target in chosen.of(department).items():
            for level in TARGET_LEVELS:
                if (value := getattr(target, level)) is not None:
                    yield department, metric, level, float(value)


def scorecards(balances: Iterable[Balance], targets: Sequence[Target]) -> list[Scorecard]:
    """A scorecard for each department (and the company) that has figures.

    Args:
        balances: Rows of one view at one instant.
        targets: The registry's targets that are in force at that instant.

    Returns:
        Rows ordered by department.
    """
    # Each metric counts on the horizon of its own term.
    by_department = rows_by_department(row for row in balances if row.horizon == row.term)
    chosen = TargetsByDepartment(targets)
    return [_scorecard(rows, chosen.of(name)) for name, rows in sorted(by_department.items())]


def _scorecard(rows: Sequence[Balance], targets: Mapping[str, Target]) -> Scorecard:
    internal = {name: target.internal for name, target in targets.items()}
    customer = {name: target.customer for name, target in targets.items() if target.customer is not None}
    short, long = _index(rows, targets, internal, "short"), _index(rows, targets, internal, "long")
    short_known, long_known = _known(rows, targets, "short"), _known(rows, targets, "long")
    return Scorecard(
        at=rows[0].at,
        view=rows[0].view,
        department=rows[0].department,
        short_index=short,
        long_index=long,
        outcome_balance=long - short if short is not None and long is not None else None,
        weight_balance=_weight_balance(targets.values()),
        short_index_customer=_index(rows, targets, customer, "short"),
        long_index_customer=_index(rows, targets, customer, "long"),
        short_metrics=len(_counted(rows, internal, "short")),
        short_targets=_declared(targets, "short"),
        long_metrics=len(_counted(rows, internal, "long")),
        long_targets=_declared(targets, "long"),
        behind=tuple(metric for metric, above in _beyond_noise(rows, targets) if not above),
        ahead=tuple(metric for metric, above in _beyond_noise(rows, targets) if above),
        short_ci_low=short_known.ci_low,
        short_ci_high=short_known.ci_high,
        short_n_eff=short_known.n_eff,
        long_ci_low=long_known.ci_low,
        long_ci_high=long_known.ci_high,
        long_n_eff=long_known.n_eff,
    )


def is_beyond_noise(row: Balance, target: float) -> bool:
    """Whether a target is outside of a figure's 95 % interval; False without an interval."""
    return row.ci_low is not None and row.ci_high is not None and not row.ci_low <= target <= row.ci_high


def _beyond_noise(rows: Iterable[Balance], targets: Mapping[str, Target]) -> Iterator[tuple[str, bool]]:
    """The metrics whose target is beyond noise, and whether they are above it."""
    for row in rows:
        target = targets.get(row.metric)
        if target is not None and row.value is not None and is_beyond_noise(row, target.internal):
            yield row.metric, row.value > target.internal


class _Known(NamedTuple):
    """How well an index is known: the fields of Scorecard."""

    ci_low: float | None
    ci_high: float | None
    n_eff: float | None


def _known(rows: Iterable[Balance], targets: Mapping[str, Target], term: Term) -> _Known:
    parts = [
        _attained(row, value, targets[row.metric])
        for row, value in _counted(rows, {name: target.internal for name, target in targets.items()}, term)
    ]
    ci, n_eff = index_interval(parts), min((part.n_eff for part in parts), default=None)
    return _Known(None, None, n_eff) if ci is None else _Known(max(0.0, ci[0]), min(100 * MAX_ATTAINMENT, ci[1]), n_eff)


def _attained(row: Balance, value: float, target: Target) -> AttainedMetric:
    ci = (
        None
        if row.ci_low is None or row.ci_high is None
        else (
            attainment(row.ci_low, target.floor, target.internal),
            attainment(row.ci_high, target.floor, target.internal),
        )
    )
    return AttainedMetric(row.metric, target.weight, attainment(value, target.floor, target.internal), ci, row.n_eff)


def _counted(rows: Iterable[Balance], goals: Mapping[str, float], term: Term) -> list[tuple[Balance, float]]:
    """The rows that an index rests on, with their values."""
    return [(row, row.value) for row in rows if row.term == term and row.value is not None and row.metric in goals]


def _declared(targets: Iterable[str], term: Term) -> int:
    return sum(METRICS[metric].term == term for metric in targets)


def _index(
    rows: Iterable[Balance], targets: Mapping[str, Target], goals: Mapping[str, float], term: Term
) -> float | None:
    total = weights = 0.0
    for row, value in _counted(rows, goals, term):
        target = targets[row.metric]
        total += target.weight * attainment(value, target.floor, goals[row.metric])
        weights += target.weight
    return total / weights if weights > 0 else None


def _weight_balance(targets: Iterable[Target]) -> float | None:
    long = everything = 0.0
    for target in targets:
        everything += target.weight
        long += target.weight if METRICS[target.metric].term == "long" else 0.0
    return long / everything if everything > 0 else None
