"""Figures as series, read from the last snapshot at each scrape; view as_was, only on the worker that refreshes."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from metrics.figures.balances import Balance
from metrics.figures.series_budget import FAMILIES, Family, SeriesBudget, SeriesSubject, within
from streams.figures.snapshot import Snapshot

logger = logging.getLogger(__name__)

_Values = Callable[[Balance], float | None]
_OF_METRICS: Final[Mapping[Family, tuple[str, _Values]]] = {
    "cx_metric_value": ("The figure, in the metric's unit (nps -100..100)", lambda row: row.value),
    "cx_metric_ci_low": ("Lower bound of its 95 % interval", lambda row: row.ci_low),
    "cx_metric_ci_high": ("Upper bound of its 95 % interval", lambda row: row.ci_high),
    "cx_metric_n_eff": ("Effective number of observations", lambda row: row.n_eff),
    "cx_metric_last_timestamp_seconds": (
        "The newest observation's minute",
        lambda row: None if row.last_at is None else row.last_at.timestamp(),
    ),
}


class FigureSeries(Collector):
    """cx_metric_*, cx_index, cx_outcome_balance: a decayed figure changes without any event."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot | None],
        limit: int,
        order: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """Reads nothing yet.

        Args:
            snapshot: Gives the last snapshot.
            limit: How many series there are at most.
            order: Gives the departments, the most important first.
        """
        self._snapshot, self._limit, self._order = snapshot, limit, order
        self._of: tuple[Sequence[SeriesSubject], Sequence[str], Sequence[str]] | None = None
        self._budget = SeriesBudget()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The series of the last snapshot, view as_was; none before the first.

        One family after the other: of a thousand departments they are tens of megabytes together.
        """
        snapshot = self._snapshot()
        rows, cards = (snapshot.balances["as_was"], snapshot.scorecards["as_was"]) if snapshot else ((), ())
        subjects = [SeriesSubject(row.department, row.metric, row.term, row.horizon) for row in rows]
        budget = self._within(subjects, [card.department for card in cards]) if snapshot else SeriesBudget()
        for name, (documentation, value_of) in _OF_METRICS.items():
            family = GaugeMetricFamily(name, documentation, labels=("department", "metric", "horizon"))
            for row, of in zip(rows, subjects, strict=True):
                if budget.shows(name, of):
                    _add(family, (of.department, of.metric, of.horizon), value_of(row))
            yield family
        shown = [card for card in cards if card.department not in budget.departments]
        index = GaugeMetricFamily("cx_index", "Attainment of targets, 0..150", labels=("department", "term"))
        outcome = GaugeMetricFamily("cx_outcome_balance", "Long index minus short index", labels=("department",))
        for card in shown:
            _add(index, (card.department, "short"), card.short_index)
            _add(index, (card.department, "long"), card.long_index)
            _add(outcome, (card.department,), card.outcome_balance)
        updated = GaugeMetricFamily("cx_balances_updated_timestamp_seconds", "When the figures were computed")
        left_out = GaugeMetricFamily(
            "cx_series_left_out", "Series of figures beyond CXB_SERIES_LIMIT: raise it", labels=("family",)
        )
        if snapshot:
            updated.add_metric((), snapshot.at.timestamp())
            for name in FAMILIES:
                left_out.add_metric((name,), budget.left_out.get(name, 0))
        yield from (index, outcome, updated, left_out)

    def _within(self, figures: Sequence[SeriesSubject], cards: Sequence[str]) -> SeriesBudget:
        """What is left out, found again only where there are others than at the last scrape; told when it changes."""
        of = figures, cards, tuple(self._order())
        if of != self._of:
            budget, before = within(self._limit, *of), self._budget
            self._of, self._budget = of, budget
            if budget.left_out != before.left_out:
                logger.warning("%s", told(budget, self._limit))
        return self._budget


def told(budget: SeriesBudget, limit: int) -> str:
    """What is left out, in words."""
    if not budget.left_out:
        return f"all series of figures are within the limit of {limit:,}"
    counts = ", ".join(f"{count:,} of {family}" for family, count in budget.left_out.items())
    whole = f", all of {len(budget.departments):,} departments among them" if budget.departments else ""
    return (
        f"series of figures are left out, for there would be more than {limit:,} (CXB_SERIES_LIMIT): {counts}{whole}; "
        "the API and the tables have them"
    )


def _add(family: GaugeMetricFamily, labels: Sequence[str], value: float | None) -> None:
    # A suppressed figure has no series: 0 would be a lie, and an absent one can be asked for.
    if value is not None:
        family.add_metric(labels, value)
