"""A touchpoint: who owned it when, and its figures across changes of owner."""

from deploy.grafana import naming
from deploy.grafana.annotations import annotations
from deploy.grafana.panels import Board, Panel, Row, graph, promql, sql, stat, table
from deploy.grafana.shared import HORIZON, METRIC, SCORES, TOUCHPOINT, titled, unit
from metrics.catalogue import METRICS

THERE = "touchpoint = ${touchpoint:sqlstring}"
WITHIN = f"{THERE} AND $__timeFilter(occurred_at)"
_SILENCE = f"""SELECT dateDiff('second', max(occurred_at), toDateTime64($__toTime, 3)) AS silence
    FROM cx.events_latest WHERE {WITHIN}"""
OWNERS = f"SELECT department FROM cx.events_latest WHERE {THERE}"


def _owners() -> tuple[Panel, ...]:
    """Who owned it when, and whether it is silent."""
    return (
        graph(
            "Events by owner",
            "Events a day of the touchpoint, by the department that owned each when it landed.",
            "none",
            sql(f"""SELECT time, {naming.DEPARTMENT}, events FROM (SELECT
                  toStartOfDay(occurred_at) AS time, department AS department_id, toFloat64(count()) AS events
                  FROM cx.events_latest WHERE {WITHIN} GROUP BY time, department_id) ORDER BY time, department"""),
            least=0,
            label="department",
        ),
        table(
            "Owners, first to last event",
            "Each owner under each version of the registry, from the events of the time range.",
            f"""SELECT {naming.DEPARTMENT}, registry_version, first, last, events, department_id
                  FROM (SELECT department AS department_id, registry_version, min(occurred_at) AS first,
                  max(occurred_at) AS last, count() AS events FROM cx.events_latest WHERE {WITHIN}
                  GROUP BY department_id, registry_version) ORDER BY first""",
            size=(12, 8),
        ),
        stat(
            "Time since the last event",
            "At the end of the time range: a touchpoint that used to send events may be silent.",
            "s",
            sql(_SILENCE, table=True),
        ),
        stat(
            "Unowned share of the company",
            "Share of all accepted events that no rule covers, for comparison.",
            "percentunit",
            promql(
                "sum(rate(cx_unowned_events_total[$__rate_interval])) / sum(rate(cx_events_total[$__rate_interval]))",
                "unowned",
            ),
        ),
    )


def _figures() -> list[Panel]:
    """Each day's scores, a line for each owner."""
    return [
        graph(
            f"{titled(metric)}, across owners",
            f"Of each day's answers at the touchpoint: {metric.meaning}. A line for each owner: where one ends and "
            "another begins, the owner changed.",
            unit(metric),
            sql(f"""SELECT time, {naming.DEPARTMENT}, value FROM (SELECT
                  toStartOfDay(occurred_at) AS time, department AS department_id,
                  toFloat64({SCORES[metric.shape]}) AS value FROM cx.events_latest
                  WHERE kind = '{metric.kinds[0]}' AND {WITHIN} GROUP BY time, department_id)
                  ORDER BY time, department"""),
            size=(8, 8),
            label="department",
        )
        for metric in METRICS.values()
        if metric.shape in SCORES
    ]


def _views() -> list[Panel]:
    """The owners' figures in both views."""
    return [
        graph(
            f"$metric of its owners, by the {title}",
            about,
            "none",
            sql(f"""SELECT time, {naming.DEPARTMENT}, value FROM (SELECT
                  $__timeInterval(at) AS time, department AS department_id,
                  argMax(tuple(if(suppressed = '', value, NULL)), at).1 AS value FROM cx.balances_latest
                  WHERE view = '{view}' AND metric = ${{metric:sqlstring}} AND horizon = ${{horizon:sqlstring}}
                  AND department IN ({OWNERS}) AND $__timeFilter(at) GROUP BY time, department_id)
                  ORDER BY time, department"""),
            label="department",
        )
        for view, title, about in (
            (
                "as_was",
                "owner at the time",
                "Figures of the departments that have owned it: each event counts for its owner at the time.",
            ),
            (
                "as_is",
                "current owner",
                "The same figures if each event counts for the current owner: changes of owner make the difference.",
            ),
        )
    ]


def touchpoint() -> Board:
    """Who owned a touchpoint when, and how its figures developed."""
    return Board(
        "cx-touchpoint",
        "Touchpoint: its owners and its figures",
        "Who owned a touchpoint when, its figures across changes of owner, by the owner at the time and today.",
        (
            Row("Owner over time", _owners()),
            Row("Figures across changes of owner", _figures()),
            Row("Owner at the time next to current owner", _views()),
        ),
        (TOUCHPOINT, METRIC, HORIZON),
        annotations(
            f"department IN ({OWNERS})", THERE, f"{THERE} OR (touchpoint = '' AND (about = '' OR about IN ({OWNERS})))"
        ),
        "now-90d",
    )
