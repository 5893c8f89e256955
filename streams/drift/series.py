"""Drift as series, from the watcher's last snapshot; view as_was, only on the worker that watches."""

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from metrics.drift.cusum import CODES
from streams.drift.watcher import DriftSnapshot

_LABELS = ("department", "metric")
_TEXT = ("alert", *_LABELS, "summary", "description", "name", "from")


class DriftSeries(Collector):
    """cx_drift_*: nothing for a metric without a baseline."""

    def __init__(self, latest: Callable[[], DriftSnapshot | None]) -> None:
        self._latest = latest

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The series of the last look; none before the first."""
        statistic = GaugeMetricFamily(
            "cx_drift_statistic", "CUSUM of the side in alarm, or of the one closer to it", labels=_LABELS
        )
        threshold = GaugeMetricFamily("cx_drift_threshold", "Above it that side is in alarm", labels=_LABELS)
        state = GaugeMetricFamily("cx_drift_state", "0 calm, 1 up, -1 down: see cxb drift", labels=_LABELS)
        explained = GaugeMetricFamily(
            "cx_drift_explained", "1 while in alarm, if a change of ownership explains it", labels=_LABELS
        )
        latest = self._latest()
        for pair, detection in sorted(latest.detections.items()) if latest else ():
            shown, limit = detection.shown
            statistic.add_metric(pair, shown)
            threshold.add_metric(pair, limit)
            state.add_metric(pair, CODES[detection.detector_state.state])
            explained.add_metric(pair, float(bool(latest and pair in latest.explained_now)))
        budget = GaugeMetricFamily("cx_drift_budget", "False alarms a month that are allowed: CXB_DRIFT_BUDGET")
        used = GaugeMetricFamily(
            "cx_drift_budget_used", "Alarms of the last 30 days, true and false, without explained ones"
        )
        apart = GaugeMetricFamily(
            "cx_drift_explained_alarms", "Alarms of the last 30 days that a change of ownership explains"
        )
        if latest:
            apart.add_metric((), latest.explained)
            budget.add_metric((), latest.budget)
            used.add_metric((), latest.alarms)
        data_quality = GaugeMetricFamily(
            "cx_companion_state", "1 while a companion of drift is firing", labels=("companion", "department")
        )
        for key, is_firing in sorted(latest.data_quality.items()) if latest else ():
            data_quality.add_metric(key, float(is_firing))
        yield from (statistic, threshold, state, explained, budget, used, apart, data_quality)
        yield from _words(latest)


def _words(latest: DriftSnapshot | None) -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
    """What rules fill the annotations of alerts with."""
    texts = GaugeMetricFamily("cx_alert_text", "What an alert says, in its labels; renewed once an hour", labels=_TEXT)
    names = GaugeMetricFamily(
        "cx_department_info", "What a department is called, in its labels", labels=("department", "name")
    )
    for key, text in sorted(latest.texts.items()) if latest else ():
        begin = "" if text.from_s is None else str(1000 * text.from_s)
        texts.add_metric((*key, text.summary, text.description, text.name, begin), 1.0)
    for pair in sorted(latest.names.items()) if latest else ():
        names.add_metric(pair, 1.0)
    return texts, names
