"""Figures as series, read from the last snapshot at each scrape; view as_was, only on the worker that refreshes."""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from streams.figures.snapshot import Snapshot


class FigureSeries(Collector):
    """cx_metric_*, cx_index, cx_outcome_balance: a decayed figure changes without any event."""

    def __init__(self, snapshot: Callable[[], Snapshot | None]) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The series of the last snapshot, view as_was; none before the first."""
        labels = ("department", "metric", "horizon")
        families = {
            "value": GaugeMetricFamily(
                "cx_metric_value", "The figure, in the metric's unit (nps -100..100)", labels=labels
            ),
            "ci_low": GaugeMetricFamily("cx_metric_ci_low", "Lower bound of its 95 % interval", labels=labels),
            "ci_high": GaugeMetricFamily("cx_metric_ci_high", "Upper bound of its 95 % interval", labels=labels),
            "n_eff": GaugeMetricFamily("cx_metric_n_eff", "Effective number of observations", labels=labels),
        }
        last = GaugeMetricFamily("cx_metric_last_timestamp_seconds", "The newest observation's minute", labels=labels)
        index = GaugeMetricFamily("cx_index", "Attainment of targets, 0..150", labels=("department", "term"))
        outcome = GaugeMetricFamily("cx_outcome_balance", "Long index minus short index", labels=("department",))
        updated = GaugeMetricFamily("cx_balances_updated_timestamp_seconds", "When the figures were computed")
        snapshot = self._snapshot()
        if snapshot is not None:
            updated.add_metric((), snapshot.at.timestamp())
            for row in snapshot.balances["as_was"]:
                for name, family in families.items():
                    _add(family, (row.department, row.metric, row.horizon), getattr(row, name))
                if row.last_at is not None:
                    last.add_metric((row.department, row.metric, row.horizon), row.last_at.timestamp())
            for card in snapshot.scorecards["as_was"]:
                _add(index, (card.department, "short"), card.short_index)
                _add(index, (card.department, "long"), card.long_index)
                _add(outcome, (card.department,), card.outcome_balance)
        yield from (*families.values(), last, index, outcome, updated)


def _add(family: GaugeMetricFamily, labels: Sequence[str], value: float | None) -> None:
    # A suppressed figure has no series: 0 would be a lie, and an absent one can be asked for.
    if value is not None:
        family.add_metric(labels, value)
