"""The catalogue: which kinds of event there are, and which metrics are made of them.

An entry is the whole definition of a metric: its term, unit, range, the kinds that it counts and its interval. The
tables of the documents and the checks of the registry read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal, get_args

Term = Literal["short", "long"]
Horizon = Literal["short", "long"]
HORIZONS: Final[tuple[Horizon, ...]] = ("short", "long")

# Short-term, then long-term, then an interaction without a figure.
Kind = Literal[
    "awareness", "visit", "conversion",
    "nps", "csat", "ces", "referral", "repeat_purchase", "renewal", "churn",
    "contact",
]  # fmt: skip
KINDS: Final[tuple[str, ...]] = get_args(Kind)
"""The kinds of touchpoint events, by which ownership rules can filter."""

GovernanceKind = Literal["ownership_answer", "success_answer", "spend", "case_opened", "case_closed"]
GOVERNANCE_KINDS: Final[tuple[str, ...]] = get_args(GovernanceKind)
"""Facts about governance: no metric counts them."""

ContextKind = Literal["survey_sent", "note"]
CONTEXT_KINDS: Final[tuple[str, ...]] = get_args(ContextKind)
"""What explains figures: an invitation to a survey, and a note of what happened. No metric counts them either."""
SURVEY_SENT: Final = "survey_sent"
NOTE: Final = "note"
ALL_KINDS: Final = (*KINDS, *GOVERNANCE_KINDS, *CONTEXT_KINDS)
"""Every kind of event."""
FACETS: Final = ("voice", "delivery", "oversight")
"""Parts of a touchpoint that can be owned separately: content and tone; technology and its operation; oversight."""

LANGUAGE_CODES: Final = ("en", "it", "es")
"""The languages (ISO 639-1) of the page and of the report, and so those that a touchpoint should have a name in."""

SCORE_RANGES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType({"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)})
AMOUNT_KINDS: Final = frozenset({"conversion", "repeat_purchase"})
COUNTED_KINDS: Final = frozenset({"awareness", "visit"})


class Shape(StrEnum):
    """How a metric's value and interval follow from decayed sums."""

    NPS = "nps"
    SHARE_OF_SCORES = "share of scores"
    MEAN = "mean"
    VOLUME = "volume"
    SHARE_OF_KINDS = "share of kinds"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: Its name in tables, series and targets.
        term: The term whose index it is part of, and so the horizon on which a scorecard reads it.
        unit: Its unit, as people and panels read it.
        low: Least possible value.
        high: Greatest possible value; None if there is no limit.
        shape: How it is computed.
        kinds: The kinds that it needs; for ratios of kinds the numerator comes first.
        meaning: What the value is, in words.
        interval: What its 95 % interval is, in words.
    """

    name: str
    term: Term
    unit: str
    low: float
    high: float | None
    shape: Shape
    kinds: tuple[str, ...]
    meaning: str
    interval: str


# fmt: off
_ALL: Final = (
    Metric(
        "nps", "long", "points", -100, 100, Shape.NPS, ("nps",),
        "share of promoters (9, 10) minus share of detractors (0 to 6), times 100", "adjusted Wald (Rocks 2016)",
    ),
    Metric(
        "csat", "long", "%", 0, 100, Shape.SHARE_OF_SCORES, ("csat",),
        "share of scores 4 and 5", "Wilson",
    ),
    Metric(
        "ces", "long", "1..7", 1, 7, Shape.MEAN, ("ces",),
        "mean of scores, higher is easier (CES 2.0)", "Student, with one pseudo-answer",
    ),
    Metric(
        "referrals", "long", "a day", 0, None, Shape.VOLUME, ("referral",),
        "referrals a day", "variance between days, Student; not below Poisson",
    ),
    Metric(
        "repeat_rate", "long", "%", 0, 100, Shape.SHARE_OF_KINDS, ("repeat_purchase", "conversion"),
        "repeat purchases among all purchases", "Wilson",
    ),
    Metric(
        "retention", "long", "%", 0, 100, Shape.SHARE_OF_KINDS, ("renewal", "churn"),
        "renewals among renewals and churns", "Wilson",
    ),
    Metric(
        "awareness", "short", "a day", 0, None, Shape.VOLUME, ("awareness",),
        "sum of `count` a day", "variance between days, Student; not below Poisson",
    ),
    Metric(
        "traffic", "short", "a day", 0, None, Shape.VOLUME, ("visit",),
        "sum of `count` of visits a day", "variance between days, Student; not below Poisson",
    ),
    Metric(
        "conversions", "short", "a day", 0, None, Shape.VOLUME, ("conversion",),
        "conversions a day", "variance between days, Student; not below Poisson",
    ),
    Metric(
        "conversion_rate", "short", "%", 0, None, Shape.RATE, ("conversion", "visit"),
        "conversions for each hundred visits", "ratio of daily sums, Student; up to 100 not below Wilson",
    ),
)
# fmt: on
METRICS: Final[Mapping[str, Metric]] = MappingProxyType({metric.name: metric for metric in _ALL})


def in_digits(value: float) -> str:
    """A figure for people, with as many digits as they read.

    >>> [in_digits(value) for value in (15049.6, 80.44, 5.4, -3.0)]
    ['15,050', '80.4', '5.40', '-3.00']
    """
    size = abs(value)
    return f"{value:,.{0 if size >= 1000 else 1 if size >= 10 else 2}f}"
