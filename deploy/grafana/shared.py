"""What several dashboards share: variables, units, what a score counts for, and whether figures can be trusted."""

from deploy.grafana.naming import touchpoint_name
from deploy.grafana.overrides import metric_label
from deploy.grafana.panels import Panel, choice, from_clickhouse, promql, stat
from metrics.catalogue import HORIZONS, METRICS, Metric, Shape

_DEPARTMENTS = """SELECT id, name FROM cx.registry_latest ARRAY JOIN mapKeys(departments) AS id,
    mapValues(departments) AS name ORDER BY id != 'company', name"""
_TOUCHPOINTS = f"""SELECT id, {touchpoint_name("id")} AS name FROM (SELECT DISTINCT toString(touchpoint) AS id
    FROM cx.cells_latest) ORDER BY name, id"""
_METRICS = {name: metric_label(name) for name in METRICS}
DEPARTMENT = from_clickhouse("department", "Department", " ".join(_DEPARTMENTS.split()))
DEPARTMENTS = from_clickhouse("department", "Department", " ".join(_DEPARTMENTS.split()), several=True)
METRIC = choice("metric", "Metric", _METRICS, "nps")
SEVERAL_METRICS = choice("metric", "Metric", _METRICS, "nps", several=True)
HORIZON = choice("horizon", "Horizon", {name: name for name in HORIZONS}, "long")
TOUCHPOINT = from_clickhouse("touchpoint", "Touchpoint", " ".join(_TOUCHPOINTS.split()))
CHOSEN = "match(department, '^(${department:regex})$')"
"""Of which departments: a condition in a query of the store."""
CHANGED = "arrayExists(who -> match(who, '^(${department:regex})$'), [previous, owner, 'company'])"
"""Which changes of owner: with the company, all."""
NOTED = "arrayExists(who -> match(who, '^(${department:regex})$'), [about, 'company']) OR about = ''"
"""Which notes: likewise, and those that are about everything."""
UNITS = {"%": "percent"}
UNIT_WORDS = {"1..7": "1 to 7"}
SCORES = {
    Shape.NPS: "100 * avg(multiIf(score >= 9, 1, score <= 6, -1, 0))",
    Shape.SHARE_OF_SCORES: "100 * avg(score >= 4)",
    Shape.MEAN: "avg(score)",
}
"""What a score counts for in each shape that is a mean over answers."""


def unit(metric: Metric) -> str:
    """Grafana's name of a metric's unit; what it has no name for stands in the title."""
    return UNITS.get(metric.unit, "none")


def titled(metric: Metric) -> str:
    """A metric's name and unit, as a title has them."""
    name, words = metric_label(metric.name), UNIT_WORDS.get(metric.unit, metric.unit)
    return name if name.endswith(words) else f"{name}, {words}"


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
