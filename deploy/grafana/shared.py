"""What several dashboards share: variables, units, what a score counts for, and whether figures can be trusted."""

from deploy.grafana.panels import Panel, choice, from_clickhouse, from_prometheus, promql, stat
from metrics.catalogue import HORIZONS, METRICS, Metric, Shape

DEPARTMENT = from_prometheus("department", "Department", "cx_metric_n_eff", several=False)
DEPARTMENTS = from_prometheus("department", "Department", "cx_metric_n_eff", several=True)
METRIC = choice("metric", "Metric", tuple(METRICS), "nps")
HORIZON = choice("horizon", "Horizon", HORIZONS, "long")
TOUCHPOINT = from_clickhouse("touchpoint", "Touchpoint", "SELECT DISTINCT touchpoint FROM cx.cells_latest ORDER BY 1")
UNITS = {"%": "percent"}
SCORES = {
    Shape.NPS: "100 * avg(multiIf(score >= 9, 1, score <= 6, -1, 0))",
    Shape.SHARE_OF_SCORES: "100 * avg(score >= 4)",
    Shape.MEAN: "avg(score)",
}
"""What a score counts for in each shape that is a mean over answers."""


def unit(metric: Metric) -> str:
    """Grafana's name of a metric's unit; what it has no name for stands in the title."""
    return UNITS.get(metric.unit, "none")


def now() -> tuple[Panel, ...]:
    """Whether what is shown can be trusted."""
    events, rejected = "sum(rate(cx_events_total[$__rate_interval]))", "sum(rate(cx_rejected_total[$__rate_interval]))"
    return (
        stat(
            "Age of the figures",
            "Time since the balances were last computed. Minutes mean that the refresher or the store is stuck.",
            "s",
            promql("time() - max(cx_balances_updated_timestamp_seconds)", "age"),
            {"orange": 60, "red": 300},
        ),
        stat(
            "Accepted events",
            "Events that passed validation and landed, all workers together.",
            "cps",
            promql(events, "events"),
        ),
        stat(
            "Unowned share",
            "Share of the accepted events whose touchpoint no ownership rule covers.",
            "percentunit",
            promql(f"sum(rate(cx_unowned_events_total[$__rate_interval])) / {events}", "unowned"),
            {"orange": 0.05, "red": 0.2},
        ),
        stat(
            "Rejected share",
            "Share of the events read that were rejected and sent to the dead-letter topic.",
            "percentunit",
            promql(f"{rejected} / ({rejected} + {events})", "rejected"),
            {"orange": 0.01, "red": 0.05},
        ),
    )
