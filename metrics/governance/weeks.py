"""The figures of departments by week: each week by itself, without weights, so that one can foretell another."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isnan, log, log1p, nan
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from metrics.catalogue import METRICS
from metrics.drift.subjects import EMPTY_TALLY, SUBJECTS, Subject, Tallies
from metrics.durations import DAY_S, WEEK_S

SurrogateReading = Literal["long_will_follow", "bought_from_the_future", "cannot_be_told"]
"""How to read a rise of a short-term metric."""
SurrogatesBy = Literal["department", "touchpoint"]
"""Whose short-term metrics are asked about: of departments as a whole, or of each of their touchpoints."""
SurrogateReason = Literal["", "too_few_weeks", "never_moved", "no_skill", "not_proved"]
"""Why a rise cannot be read: fewer weeks than `forecasting.FEWEST_WEEKS`; a series without movement; forecasts with the
short-term metric no better than without; better, but not beyond chance."""
FIRST_MONDAY_S: Final = 4 * DAY_S
"""Epoch second of the first Monday: weeks are those of UTC, from Monday on."""
FEWEST_OBSERVATIONS: Final = 5
"""Answers, purchases or visits of a week below which a share or a mean of it is no figure."""
EVERY_WEEKS: Final = 156
"""Weeks that are looked at: figures of longer ago are of another company."""
BUSIEST_TOUCHPOINTS: Final = 20
"""Touchpoints that are looked at one by one: each that is asked about makes proof harder for the others."""
RISE_PERCENT: Final = 10.0
COUNTED: Final[Mapping[str, str]] = MappingProxyType({"repeat_rate": "repeat_purchase"})
"""A rate with a short-term metric in its denominator is told by what it counts: first purchases lower the rate of their
own week by arithmetic, and not because anybody is less loyal."""
_SHORT_KINDS: Final = sorted({kind for metric in METRICS.values() if metric.term == "short" for kind in metric.kinds})


class Part(NamedTuple):
    """Whose events count: those of a department (`company`: of all), at one touchpoint or at all of them ("")."""

    department: str
    touchpoint: str = ""


@dataclass(frozen=True, slots=True)
class WeeklyFigures:
    """Weekly figures.

    Attributes:
        weeks: How many weeks, without gaps.
        values: By part and metric, one for each week: the logarithm of 1 + the number of the week for volumes
            and what is COUNTED, the metric's own unit otherwise; NaN where there is no figure. Only those with any.
    """

    weeks: int
    values: Mapping[tuple[Part, str], tuple[float, ...]] = field(default_factory=dict)


def is_logarithmic(metric: str) -> bool:
    """Whether weekly figures of a metric are logarithms: changes of volumes are told in percent."""
    return metric in COUNTED or SUBJECTS[metric].manner == "volume"


def rise(metric: str) -> float:
    """The rise of a short-term metric that an effect is of: in percent of a volume, in points of a rate.

    >>> rise("traffic"), rise("conversion_rate")
    (10.0, 1.0)
    """
    return RISE_PERCENT if is_logarithmic(metric) else 1.0


def weekly_rise(metric: str) -> float:
    """The same in the unit of weekly figures.

    >>> round(weekly_rise("traffic"), 4), weekly_rise("conversion_rate")
    (0.0953, 1.0)
    """
    return log(1 + RISE_PERCENT / 100) if is_logarithmic(metric) else 1.0


def whole_weeks(since_s: int, until_s: int) -> tuple[int, int]:
    """The numbers of the first whole week within two instants (epoch seconds), and of the one after the last.

    >>> whole_weeks(0, FIRST_MONDAY_S + 2 * WEEK_S), whole_weeks(FIRST_MONDAY_S + 1, FIRST_MONDAY_S + 2)
    ((0, 2), (1, 1))
    """
    first = -((FIRST_MONDAY_S - since_s) // WEEK_S)
    return first, max(first, (until_s - FIRST_MONDAY_S) // WEEK_S)


def weekly_figures(tallies: Mapping[Part, Sequence[Tallies]]) -> WeeklyFigures:
    """The figures of parts, of their tallies by week (and by kind), equally many weeks for each."""
    values = {}
    for part, weeks in tallies.items():
        for metric, subject in SUBJECTS.items():
            figures = _figures(subject, weeks)
            # A rate of which nothing ever happened is none.
            if any(figure and not isnan(figure) for figure in figures):
                values[part, metric] = figures
    return WeeklyFigures(max(map(len, tallies.values()), default=0), values)


def busiest(tallies: Mapping[Part, Sequence[Tallies]], most: int = BUSIEST_TOUCHPOINTS) -> tuple[str, ...]:
    """The touchpoints with the most short-term events, at most so many, the busiest first.

    How busy one is says nothing of what it foretells: the choice makes no relation more likely.

    >>> from metrics.drift.subjects import Tally
    >>> few, many = [{"visit": Tally(1, 5)}], [{"visit": Tally(9, 900)}, {"nps": Tally(9, 9)}]
    >>> busiest({Part("it", "web"): few, Part("it", "fair"): many, Part("it"): many, Part("it", "fax"): []}, 2)
    ('fair', 'web')
    """
    events: Counter[str] = Counter()
    for part, weeks in tallies.items():
        if part.touchpoint:
            events[part.touchpoint] += sum(week.get(kind, EMPTY_TALLY).n for week in weeks for kind in _SHORT_KINDS)
    return tuple(sorted((name for name, n in events.items() if n), key=lambda name: (-events[name], name))[:most])


def _figures(subject: Subject, weeks: Sequence[Tallies]) -> tuple[float, ...]:
    observed = [subject.observe(week) for week in weeks]
    if subject.metric in COUNTED:
        observed = [(0, week.get(COUNTED[subject.metric], EMPTY_TALLY).n) for week in weeks]
    elif subject.manner != "volume":
        return tuple(subject.scale * total / n if n >= FEWEST_OBSERVATIONS else nan for n, total in observed)
    # Before the first event nobody counted: that is no week of nothing.
    first = next((week for week, (_, total) in enumerate(observed) if total), inf)
    return tuple(log1p(total) if week >= first else nan for week, (_, total) in enumerate(observed))


def metrics_of(term: str) -> tuple[str, ...]:
    """The names of the metrics of a term."""
    return tuple(name for name, metric in METRICS.items() if metric.term == term)
