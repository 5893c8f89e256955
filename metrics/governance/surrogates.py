"""The surrogate index: how much short-term metrics foretell long-term ones (Athey, Chetty, Imbens and Kang 2019).

A short-term metric stands for a long-term one only as far as it foretells it. So each pair of a department is put to
the test on weeks that were not looked at, beyond the long-term metric's own past; what does not pass cannot be told.
Where it passes, the sign says how to read a rise: the long term will follow, or it was bought from the future.
Descriptive, not causal: whatever moves the one metric first and the other later makes the one foretell the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import expm1
from typing import NamedTuple

import numpy as np

from metrics.governance.customers import Floats
from metrics.governance.evidence import holm
from metrics.governance.forecasting import FEWEST_FORECASTS, TRAINED, Foretold, foretold, weeks_told_from
from metrics.governance.responses import Response, response
from metrics.governance.weeks import (
    Part,
    SurrogateReading,
    SurrogateReason,
    WeeklyFigures,
    is_logarithmic,
    metrics_of,
    weekly_rise,
)


class Range(NamedTuple):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SurrogatePair:
    """What a short-term metric of a department says about a long-term one.

    Attributes:
        department: Its id; `company` for all of them.
        touchpoint: Where the short-term metric is counted; "" for all of the department's touchpoints. The long-term
            one is always the department's.
        short: The short-term metric.
        long: The long-term metric.
        reading: How to read a rise of the short-term metric.
        reason: Why that cannot be told; "" where it can.
        weeks: Weeks with a figure of both that were looked at.
        forecasts: Of these, the ones that were forecast.
        skill: Part of the squared error of forecasts that the short-term metric takes away, at most 1; None where
            too few weeks are there.
        p: The p-value of that; None likewise.
        lag: By how many weeks it is ahead: best, least, greatest; None unless it can be told.
        effect: Change of the long-term metric so many weeks after a week in which the short-term one was higher than
            its past foretold, by 10 percent (a rate: by one point); None likewise. In points; of volumes and of repeat
            purchases, which stand for repeat_rate, in percent.
        recent: By how much it was higher than its past foretold in the last weeks, as many as the lag: percent, or
            points of a rate; None likewise.
        expected: What follows from that: the change of the long-term metric in the next weeks, as many as the lag.
    """

    department: str
    touchpoint: str
    short: str
    long: str
    reading: SurrogateReading
    reason: SurrogateReason
    weeks: int
    forecasts: int = 0
    skill: float | None = None
    p: float | None = None
    lag: tuple[int, int, int] | None = None
    effect: Range | None = None
    recent: float | None = None
    expected: Range | None = None


@dataclass(frozen=True, slots=True)
class SurrogateIndex:
    """All short-term metrics of a department that foretell a long-term one, together.

    Attributes:
        department: Its id.
        long: The long-term metric.
        shorts: The short-term metrics, in the catalogue's order.
        touchpoints: Of each of them the touchpoint where it is counted; "" for all of the department's.
        skill: Part of the squared error of forecasts that they take away together, at most 1.
    """

    department: str
    long: str
    shorts: tuple[str, ...]
    touchpoints: tuple[str, ...]
    skill: float


@dataclass(frozen=True, slots=True)
class Surrogates:
    """All pairs and indices.

    Attributes:
        weeks: How many weeks were looked at.
        tested: How many pairs were put to the test: Holm's correction (1979) is for so many.
        pairs: By department, touchpoint, long-term and short-term metric.
        indices: By department and long-term metric; only where a pair is told.
    """

    weeks: int
    tested: int
    pairs: tuple[SurrogatePair, ...]
    indices: tuple[SurrogateIndex, ...]


class _Trial(NamedTuple):
    """A pair before all are judged together; `result` is None where it could not be tried, for `reason`."""

    part: Part
    short: str
    long: str
    weeks: int
    reason: SurrogateReason
    result: Foretold | None
    answer: Response | None


def read_surrogates(figures: WeeklyFigures, by_touchpoint: bool = False) -> Surrogates:
    """What the short-term metrics of each department say about its long-term ones.

    Args:
        figures: Of departments, and of their touchpoints where these are asked for.
        by_touchpoint: Whether the short-term metrics of each touchpoint are asked for, by themselves, and no longer
            those of the whole department.
    """
    trials = [
        _trial(figures, part, short, long)
        for part in sorted({part for part, _ in figures.values})
        for long, short in product(metrics_of("long"), metrics_of("short"))
        if bool(part.touchpoint) == by_touchpoint and {(_whole(part), long), (part, short)} <= figures.values.keys()
    ]
    tested = [trial for trial in trials if trial.result is not None]
    held = iter(holm([trial.result.p for trial in tested if trial.result is not None]))
    pairs = tuple(_judged(trial, trial.result is not None and next(held)) for trial in trials)
    return Surrogates(figures.weeks, len(tested), pairs, tuple(_indices(figures, pairs)))


def _whole(part: Part) -> Part:
    return Part(part.department)


def _series(figures: WeeklyFigures, long: str, leading: Sequence[tuple[Part, str]]) -> tuple[Floats, list[Floats]]:
    """The long-term metric of a department and short-term ones, from the first week with all short ones."""
    leaders = [np.array(figures.values[leader]) for leader in leading]
    start = max(int((~np.isnan(leader)).argmax()) for leader in leaders)
    return np.array(figures.values[_whole(leading[0][0]), long])[start:], [leader[start:] for leader in leaders]


def _trial(figures: WeeklyFigures, part: Part, short: str, long: str) -> _Trial:
    series, leaders = _series(figures, long, [(part, short)])
    weeks = weeks_told_from(series)
    if weeks < TRAINED + FEWEST_FORECASTS:
        return _Trial(part, short, long, weeks, "too_few_weeks", None, None)
    result = foretold(series, leaders)
    if result is None:
        return _Trial(part, short, long, weeks, "never_moved", None, None)
    answer = response(series, leaders[0], result.leaders[0].lag)
    return _Trial(part, short, long, weeks, "", result, answer)


def _judged(trial: _Trial, is_held: bool) -> SurrogatePair:
    part, short, long, weeks, reason, result, answer = trial
    if result is None:
        return SurrogatePair(*part, short, long, "cannot_be_told", reason, weeks)
    tried = {"weeks": weeks, "forecasts": result.forecasts, "skill": result.skill, "p": result.p}
    if result.skill <= 0:
        return SurrogatePair(*part, short, long, "cannot_be_told", "no_skill", **tried)  # type: ignore[arg-type]
    if not is_held or answer is None or answer.low <= 0 <= answer.high:
        return SurrogatePair(*part, short, long, "cannot_be_told", "not_proved", **tried)  # type: ignore[arg-type]
    return SurrogatePair(
        *part,
        short,
        long,
        "long_will_follow" if answer.slope > 0 else "bought_from_the_future",
        "",
        weeks,
        result.forecasts,
        result.skill,
        result.p,
        result.leaders[0],
        _range(answer, weekly_rise(short), long),
        _shown(answer.recent, short),
        _range(answer, answer.recent, long),
    )


def _range(answer: Response, moved: float, long: str) -> Range:
    """What follows when the short-term metric moves by so much, in its weekly unit."""
    low, high = sorted((answer.low * moved, answer.high * moved))
    return Range(*(_shown(value, long) for value in (answer.slope * moved, low, high)))


def _shown(change: float, metric: str) -> float:
    return 100 * expm1(change) if is_logarithmic(metric) else change


def _indices(figures: WeeklyFigures, pairs: Sequence[SurrogatePair]) -> Iterator[SurrogateIndex]:
    for department, long in sorted({(pair.department, pair.long) for pair in pairs if not pair.reason}):
        readable = [pair for pair in pairs if (pair.department, pair.long, pair.reason) == (department, long, "")]
        leading = [(Part(department, pair.touchpoint), pair.short) for pair in readable]
        result = foretold(*_series(figures, long, leading))
        if result is not None:
            touchpoints = tuple(part.touchpoint for part, _ in leading)
            yield SurrogateIndex(department, long, tuple(short for _, short in leading), touchpoints, result.skill)
