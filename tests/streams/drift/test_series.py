from prometheus_client import CollectorRegistry

from metrics.drift.baselines import Baseline
from metrics.drift.cusum import DetectorState, Thresholds
from metrics.drift.detection import Detection
from streams.drift.data_quality import States
from streams.drift.series import DriftSeries
from streams.drift.watcher import DriftSnapshot

BASELINE = Baseline("sales", "nps", 1, "automatic", 0, 60, 60, 1000.0, 0.25, 0.8, 0.0, 1.0, 150.0)
NAMES = {"sales": "Sales and stores"}
COMPANIONS: States = {("myopia", "sales"): True, ("sample", "sales"): False}


def test_each_detector_shows_its_statistic_threshold_and_state() -> None:
    detector_state = DetectorState(60, "down", 0.0, 41.0, 60, 0)
    detection = Detection("sales", "nps", BASELINE, detector_state, Thresholds(0, 30.0, 32.0, 0.1))
    watched = DriftSnapshot(
        60, {("sales", "nps"): detection}, 1.5, 2, 3, frozenset({("sales", "nps")}), COMPANIONS, names=NAMES
    )
    registry = CollectorRegistry()
    registry.register(DriftSeries(lambda: watched))
    labels = {"department": "sales", "metric": "nps"}
    values = [registry.get_sample_value(f"cx_drift_{name}", labels) for name in ("statistic", "threshold", "state")]
    assert values == [41, 32, -1]
    assert registry.get_sample_value("cx_drift_budget") == 1.5
    assert registry.get_sample_value("cx_drift_budget_used") == 2
    assert registry.get_sample_value("cx_drift_explained_alarms") == 3
    assert registry.get_sample_value("cx_drift_explained", labels) == 1
    assert registry.get_sample_value("cx_department_info", {"department": "sales", "name": "Sales and stores"}) == 1
    for companion, speaks in (("myopia", 1), ("sample", 0)):
        value = registry.get_sample_value("cx_companion_state", {"companion": companion, "department": "sales"})
        assert value == speaks


def test_before_the_first_look_there_are_no_series() -> None:
    assert [family.samples for family in DriftSeries(lambda: None).collect()] == [[]] * 10
