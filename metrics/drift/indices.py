"""Indices of scorecards with their noise, and how an index has changed between two instants.

The instants are whole weeks apart. Volumes and conversion_rate take their variance from the differences between days
(metrics.figures.daily), in which quiet weekends look like chance; a day and the same weekday weeks before have the
rhythm of the week in common. So days that are a multiple of the distance apart are one cluster, and what they add to
the difference of the two indices is one error: the rhythm cancels, and so do days that both windows contain. Metrics
that share days, as conversions and conversion_rate do, share these errors too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import erfc, inf, sqrt

from metrics.catalogue import METRICS, Term
from metrics.durations import DAY_S
from metrics.figures import student
from metrics.figures.balances import Balance, Moment
from metrics.figures.daily import DAYS_OF_AN_INTERVAL, ByDay, effective, variance
from metrics.figures.formulas import by_day
from metrics.figures.intervals import Interval, Z
from metrics.figures.sample_sizes import makes_uncertain
from metrics.figures.scorecards import attainment
from metrics.registry import Horizons, Target


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a scorecard, 0..150, with its standard error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class IndexChange:
    """How an index has changed between two instants, over the metrics that are certain at both.

    Attributes:
        before: The index at the first, 0..150.
        now: At the second.
        error: Standard error of the difference; of few days wider, so that Z of it are a 95 % interval.
        n: Observations behind it, at the instant that has fewer.
        n_eff: Effective ones likewise.
    """

    before: float
    now: float
    error: float
    n: int
    n_eff: float

    @property
    def value(self) -> float:
        """The difference, -150..150."""
        return self.now - self.before

    @property
    def ci(self) -> Interval:
        """Its 95 % interval."""
        return self.value - Z * self.error, self.value + Z * self.error

    def p(self, sign: int) -> float:
        """How likely chance alone makes such a rise (sign 1) or fall (-1), 0..1; 1 where nothing can be told.

        >>> round(IndexChange(50, 53, 1, 90, 90.0).p(1), 5)
        0.00135
        """
        return erfc(sign * self.value / self.error / sqrt(2)) / 2 if self.error > 0 else 1.0


def index(rows: Iterable[Balance], targets: Mapping[str, Target], term: Term) -> Index | None:
    """A department's index of a term against internal targets, with the standard error from its figures' intervals.

    Args:
        rows: Its figures of one view at one instant.
        targets: Those that apply to it, by metric.
        term: The term; each metric counts on the horizon of its term, as on the scorecard.

    Returns:
        None if no figure has a target and an interval.
    """
    parts = [(targets[name], row) for name, row in _shown(rows, term).items() if name in targets]
    if not parts:
        return None
    weights = sum(target.weight for target, _ in parts)
    squares = sum((target.weight * _error(row, target)) ** 2 for target, row in parts)
    total = sum(target.weight * _attained(row.value, target) for target, row in parts)
    return Index(total / weights, sqrt(squares) / weights)


def index_change(
    before: Moment, now: Moment, department: str, targets: Mapping[str, Target], horizons: Horizons, term: Term
) -> IndexChange | None:
    """How a department's index of a term against internal targets has changed.

    Args:
        before: The first instant.
        now: The second, whole weeks later.
        department: The department's id.
        targets: Those that apply to it, by metric.
        horizons: The half-lives of the figures.
        term: The term; each metric counts on the horizon of its term, as on the scorecard.

    Returns:
        None if no figure with a target is certain at both instants, or too few days carry them.
    """
    earlier, later = (
        {
            name: row
            for name, row in _shown(moment.by_department.get(department, ()), term).items()
            if name in targets and not makes_uncertain(row.n_eff)
        }
        for moment in (before, now)
    )
    names = sorted(earlier.keys() & later)
    if not names:
        return None
    half_life_s = horizons.short_s if term == "short" else horizons.long_s
    sides = [
        _Side(sign, moment, [(targets[name], rows[name]) for name in names])
        for sign, moment, rows in ((-1, before, earlier), (1, now, later))
    ]
    error = _error_of_difference(sides, half_life_s, round((now.at_s - before.at_s) / DAY_S))
    if error is None:
        return None
    weights = sum(targets[name].weight for name in names)
    n, n_eff = min(((side.n, side.n_eff) for side in sides), key=lambda counts: counts[1])
    return IndexChange(sides[0].total / weights, sides[1].total / weights, error / weights, n, n_eff)


@dataclass(frozen=True, slots=True)
class _Side:
    """The metrics of an index at one of the instants, with the sign that they have in the difference."""

    sign: int
    moment: Moment
    parts: Sequence[tuple[Target, Balance]]

    @property
    def total(self) -> float:
        return sum(target.weight * _attained(row.value, target) for target, row in self.parts)

    @property
    def n(self) -> int:
        return sum(row.n for _, row in self.parts)

    @property
    def n_eff(self) -> float:
        return sum(row.n_eff for _, row in self.parts)


def _error_of_difference(sides: Sequence[_Side], half_life_s: float, apart: int) -> float | None:
    clusters, fewest, squares = defaultdict[int, float](float), inf, 0.0
    for side in sides:
        for target, row in side.parts:
            of = _by_day(row, side.moment, half_life_s)
            if of is None:
                # Answers that both windows contain make the true error smaller: this errs towards calm.
                squares += (target.weight * _error(row, target)) ** 2
                continue
            factor = side.sign * target.weight * _slope(row, target)
            for day, error in of.errors.items():
                clusters[day % apart] += factor * error
            fewest = min(fewest, effective(_folded(of.weights, apart).values()))
    if fewest < DAYS_OF_AN_INTERVAL:
        return None
    if clusters:
        squares += variance(clusters.values(), fewest) * (student.quantile(fewest - 1) / Z) ** 2
    return sqrt(squares)


def _folded(weights: Mapping[int, float], apart: int) -> Mapping[int, float]:
    folded = defaultdict[int, float](float)
    for day, weight in weights.items():
        folded[day % apart] += weight
    return folded


def _by_day(row: Balance, moment: Moment, half_life_s: float) -> ByDay | None:
    metric = METRICS[row.metric]
    if row.first_at is None or row.last_at is None:
        return None
    daily = {kind: moment.daily.get((row.department, kind, row.horizon), {}) for kind in metric.kinds}
    return by_day(metric, daily, row.first_at.timestamp(), row.last_at.timestamp(), moment.at_s, half_life_s)


def _shown(rows: Iterable[Balance], term: Term) -> dict[str, Balance]:
    """The figures of a term that have an interval, each on the horizon of its term."""
    return {row.metric: row for row in rows if row.term == row.horizon == term and row.ci_low is not None}


def _attained(value: float | None, target: Target) -> float:
    return attainment(value or 0.0, target.floor, target.internal)


def _error(row: Balance, target: Target) -> float:
    """The standard error of an attainment, from what its figure's interval becomes: beyond the cap nothing varies."""
    return abs(_attained(row.ci_high, target) - _attained(row.ci_low, target)) / (2 * Z)


def _slope(row: Balance, target: Target) -> float:
    """How much the attainment changes with the figure, over its interval."""
    width = (row.ci_high or 0.0) - (row.ci_low or 0.0)
    return (_attained(row.ci_high, target) - _attained(row.ci_low, target)) / width if width else 0.0
