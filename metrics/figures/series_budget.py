"""Which figures become series for monitoring where there are more than it should have to keep.

What is left out is a function of which figures there are, never of their values: it changes where a department gets its
first observation of a metric, or the registry its order, and not from scrape to scrape. A family is left out for all
departments at once, so that what sums or compares departments has all of them or none. The company's stay.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from metrics.catalogue import Horizon, Term
from metrics.registry import COMPANY, UNOWNED

Family = Literal[
    "cx_metric_value", "cx_metric_ci_low", "cx_metric_ci_high", "cx_metric_n_eff", "cx_metric_last_timestamp_seconds",
    "cx_index", "cx_outcome_balance",
]  # fmt: skip
OF_METRICS: Final[tuple[Family, ...]] = (
    "cx_metric_value", "cx_metric_ci_low", "cx_metric_ci_high", "cx_metric_n_eff", "cx_metric_last_timestamp_seconds",
)  # fmt: skip
OF_CARDS: Final[Mapping[Family, int]] = {"cx_index": 2, "cx_outcome_balance": 1}
"""How many series each has of a scorecard."""
FAMILIES: Final[tuple[Family, ...]] = (*OF_METRICS, *OF_CARDS)


class SeriesSubject(NamedTuple):
    """What a figure is of."""

    department: str
    metric: str
    term: Term
    horizon: Horizon


def _other(of: SeriesSubject) -> bool:
    """On the horizon that no scorecard reads."""
    return of.horizon != of.term


def _own(of: SeriesSubject) -> bool:
    return of.horizon == of.term


def _short(of: SeriesSubject) -> bool:
    return of.horizon == "short"


@dataclass(frozen=True, slots=True)
class SeriesStage:
    """What is left out together."""

    families: frozenset[Family]
    of: Callable[[SeriesSubject], bool]


_ENDS: Final[frozenset[Family]] = frozenset({"cx_metric_ci_low", "cx_metric_ci_high"})
SERIES_STAGES: Final = (
    SeriesStage(frozenset({"cx_metric_last_timestamp_seconds"}), _other),  # the same as on the other horizon
    SeriesStage(_ENDS, _other),
    SeriesStage(frozenset({"cx_metric_n_eff"}), _short),  # alert rules read the long one
    SeriesStage(frozenset({"cx_metric_value"}), _other),
    SeriesStage(frozenset({"cx_metric_last_timestamp_seconds"}), _own),
    SeriesStage(_ENDS, _own),
)
"""In this order; then whole departments, the last of the registry first."""


@dataclass(frozen=True, slots=True)
class SeriesBudget:
    """What is left out.

    Attributes:
        stages: Those of SERIES_STAGES that are.
        departments: The departments without any series.
        left_out: How many series by family, those that would not be there for their figure is suppressed among them.
    """

    stages: tuple[SeriesStage, ...] = ()
    departments: frozenset[str] = frozenset()
    left_out: Mapping[Family, int] = field(default_factory=dict)

    def shows(self, family: Family, of: SeriesSubject) -> bool:
        """Whether a figure has its series of a family."""
        if of.department == COMPANY:
            return True
        return of.department not in self.departments and not any(
            family in stage.families and stage.of(of) for stage in self.stages
        )


def within(limit: int, figures: Sequence[SeriesSubject], cards: Collection[str], order: Iterable[str]) -> SeriesBudget:
    """What is left out so that there are at most so many series.

    Args:
        limit: How many; those of the company stay where it is less.
        figures: All that there are.
        cards: The departments that have a scorecard.
        order: Departments, the most important first; those that it does not name come after them.
    """
    budget = SeriesBudget()
    found = shown = _shown(budget, figures, cards)
    for stage in SERIES_STAGES:
        if sum(shown.values()) <= limit:
            break
        budget = SeriesBudget((*budget.stages, stage))
        shown = _shown(budget, figures, cards)
    if sum(shown.values()) > limit:
        budget = SeriesBudget(budget.stages, _beyond(limit, budget, figures, cards, order))
        shown = _shown(budget, figures, cards)
    left_out = {family: found[family] - shown[family] for family in FAMILIES if found[family] > shown[family]}
    return SeriesBudget(budget.stages, budget.departments, left_out)


def _shown(budget: SeriesBudget, figures: Sequence[SeriesSubject], cards: Collection[str]) -> Counter[Family]:
    every = _by_department(budget, figures, cards)
    return sum((counts for name, counts in every.items() if name not in budget.departments), Counter[Family]())


def _by_department(
    budget: SeriesBudget, figures: Sequence[SeriesSubject], cards: Collection[str]
) -> dict[str, Counter[Family]]:
    found = {name: Counter[Family](OF_CARDS) for name in cards}
    for of in figures:
        found.setdefault(of.department, Counter()).update(family for family in OF_METRICS if budget.shows(family, of))
    return found


def _beyond(
    limit: int,
    budget: SeriesBudget,
    figures: Sequence[SeriesSubject],
    cards: Collection[str],
    order: Iterable[str],
) -> frozenset[str]:
    """The departments for which nothing is left of a limit."""
    counts = {name: sum(of.values()) for name, of in _by_department(budget, figures, cards).items()}
    named = [COMPANY, UNOWNED, *order]
    ordered = [*(name for name in named if name in counts), *sorted(counts.keys() - set(named))]
    beyond: set[str] = set()
    total = 0
    for name in ordered:
        total += counts[name]
        if total > limit and name != COMPANY:
            beyond.add(name)
    return frozenset(beyond)
