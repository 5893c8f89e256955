"""The series of drift detection, until the worker exposes them. To be removed with series.PROMISED."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Gauge, start_http_server

DRIFTS = (
    "CREATE VIEW IF NOT EXISTS drift_latest AS SELECT * FROM drift FINAL",
    "INSERT INTO drift (at, department, metric, state, direction, since, statistic, threshold, baseline_id)"
    " SELECT now64(3) - INTERVAL 2 DAY, 'marketing', 'nps', 'down', 'down', now64(3) - INTERVAL 5 DAY, 13, 12, 'b1'"
    " UNION ALL SELECT now64(3) - INTERVAL 9 DAY, 'sales', 'csat', 'up', 'up', now64(3) - INTERVAL 12 DAY, 13, 12, 'b1'"
    " UNION ALL SELECT now64(3) - INTERVAL 8 DAY, 'sales', 'csat', 'calm', 'none', NULL, 0, 12, 'b1'"
    " UNION ALL SELECT now64(3) - INTERVAL 1 DAY, 'company', 'nps', 'down', 'down', now64(3) - INTERVAL 3 DAY,"
    " 14, 12, 'b1'",
)


class StandIn:
    """Shows the drift of each department's metrics, all calm at first."""

    def __init__(self, departments: tuple[str, ...], metrics: tuple[str, ...]) -> None:
        self.registry = CollectorRegistry()
        labels = ["department", "metric"]
        self.state = Gauge("cx_drift_state", "0 calm, 1 up, -1 down", labels, registry=self.registry)
        statistic = Gauge("cx_drift_statistic", "The greater of both sums", labels, registry=self.registry)
        threshold = Gauge("cx_drift_threshold", "Above it it alerts", labels, registry=self.registry)
        companion = Gauge("cx_companion_state", "0 or 1", ["companion", "department"], registry=self.registry)
        for department in departments:
            for metric in metrics:
                self.state.labels(department, metric).set(0)
                statistic.labels(department, metric).set(1)
                threshold.labels(department, metric).set(12)
            for name in ("silent_touchpoint", "unowned_share", "owner_mix", "sample_collapsed", "myopia"):
                companion.labels(name, department).set(0)


@contextmanager
def served(stand_in: StandIn) -> Iterator[int]:
    """Serves it on a free port of this machine; gives the port."""
    server, thread = start_http_server(0, "127.0.0.1", stand_in.registry)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
