"""A department: every metric on both horizons, its targets, and what pulls it."""

from collections.abc import Sequence

from deploy.grafana import naming
from deploy.grafana.annotations import annotations
from deploy.grafana.overrides import metric_label, metric_names
from deploy.grafana.panels import DASHED, DOTTED, Board, Json, Panel, Row, graph, promql, sql, table
from deploy.grafana.shared import DEPARTMENT, HORIZON, METRIC, SCORES, titled, unit
from metrics.catalogue import HORIZONS, METRICS, Horizon, Metric

OF = "department = ${department:sqlstring}"
LINES = {horizon: f"{horizon.capitalize()} horizon" for horizon in HORIZONS}
BOUNDS = {"": "value", ", lower bound": "ci_low", ", upper bound": "ci_high"}


def snapshots(metric: str, horizons: Sequence[Horizon]) -> Json:
    """The snapshots of a metric with their intervals; suppressed and stale ones are gaps."""
    shown = ", ".join(
        f"argMaxIf(tuple(if(suppressed = '', {column}, NULL)), at, horizon = '{horizon}').1 AS `{LINES[horizon]}{end}`"
        for horizon in horizons
        for end, column in BOUNDS.items()
    )
    return sql(f"""SELECT $__timeInterval(at) AS time, {shown} FROM cx.balances_latest WHERE view = 'as_was' AND {OF}
        AND metric = {metric} AND $__timeFilter(at) GROUP BY time ORDER BY time""")


def targets(metric: str) -> Json:
    """The targets in force, over the whole time range."""
    return sql(f"""SELECT arrayJoin([$__fromTime, $__toTime]) AS time,
        maxOrNullIf(target.4, target.3 = 'internal') AS "Target",
        maxOrNullIf(target.4, target.3 = 'customer') AS "Customers' target"
        FROM (SELECT arrayJoin(targets) AS target FROM cx.registry_latest)
        WHERE target.1 = ${{department:sqlstring}} AND target.2 = {metric} GROUP BY time ORDER BY time""")


def figure(metric: Metric) -> Panel:
    """A metric of the chosen department on both horizons, with intervals and targets."""
    return graph(
        titled(metric),
        f"{metric.meaning[0].upper()}{metric.meaning[1:]}. Band: 95 % interval ({metric.interval}). Dotted: targets, "
        "the company's own and the customers'. A gap: too few answers, or none for too long.",
        unit(metric),
        snapshots(f"'{metric.name}'", HORIZONS),
        targets(f"'{metric.name}'"),
        bands=tuple(LINES.values()),
        lines={".*arget": DOTTED},
    )


def pull(metric: Metric) -> Panel:
    """Which touchpoints pull a metric up or down."""
    value = SCORES[metric.shape]
    return table(
        f"Touchpoints that pull {metric_label(metric.name)}",
        "Answers of the time range by touchpoint. Pull: share of the answers times the distance from the department's "
        "value; the pulls of all touchpoints add up to zero.",
        f"""SELECT {naming.TOUCHPOINT}, n, value,
            n / sum(n) OVER () * (value - sum(n * value) OVER () / sum(n) OVER ()) AS pull, touchpoint_id
            FROM (SELECT touchpoint AS touchpoint_id, count() AS n, {value} AS value FROM cx.events_latest
            WHERE kind = '{metric.kinds[0]}'
            AND ({OF} OR ${{department:sqlstring}} = 'company') AND $__timeFilter(occurred_at)
            GROUP BY touchpoint_id) ORDER BY pull, touchpoint""",
        size=(8, 9),
    )


def _index() -> tuple[Panel, ...]:
    """Its indices, and how many answers they rest on."""
    return (
        graph(
            "Index by term",
            "Weighted mean attainment of the targets, each metric on the horizon of its term.",
            "none",
            sql(f"""SELECT $__timeInterval(at) AS time, argMax(tuple(short_index), at).1 AS "Short term",
                argMax(tuple(long_index), at).1 AS "Long term" FROM cx.scorecards_latest
                WHERE view = 'as_was' AND {OF} AND $__timeFilter(at) GROUP BY time ORDER BY time"""),
        ),
        graph(
            "Effective answers by metric",
            "Effective number of observations on the long horizon. Below 30 nothing is alerted on.",
            "none",
            promql('max by (metric) (cx_metric_n_eff{department="$department",horizon="long"})', "{{metric}}"),
            least=0,
            renames=metric_names(),
        ),
        graph(
            "Age of the newest observation by metric",
            "A share or mean is stale three half-lives after its newest observation.",
            "s",
            promql(
                'time() - max by (metric) (cx_metric_last_timestamp_seconds{department="$department",horizon="long"})',
                "{{metric}}",
            ),
            least=0,
            renames=metric_names(),
        ),
    )


def _live() -> tuple[Panel, ...]:
    """The chosen metric and the indices as they are now, a few seconds old."""
    of = 'department="$department",metric="$metric"'
    bounds = [
        promql(f"max by (horizon) (cx_metric_ci_{end}{{{of}}})", f"{{{{horizon}}}} horizon, {word} bound")
        for end, word in (("low", "lower"), ("high", "upper"))
    ]
    return (
        graph(
            "$metric of the last seconds",
            "As Prometheus has it: seconds old, as long as Prometheus keeps it. Band: 95 % interval. Dotted: targets.",
            "none",
            promql(f"max by (horizon) (cx_metric_value{{{of}}})", "{{horizon}} horizon"),
            *bounds,
            promql(f'max by (level) (cx_target{{{of},level!="floor"}})', "target: {{level}}"),
            bands=tuple(f"{horizon} horizon" for horizon in HORIZONS),
            lines={"target: .*": DOTTED},
            size=(12, 9),
        ),
        graph(
            "Indices and outcome balance of the last seconds",
            "As Prometheus has them. Outcome balance: long-term index minus short-term index.",
            "none",
            promql('max by (term) (cx_index{department="$department"})', "{{term}} term"),
            promql('max by (department) (cx_outcome_balance{department="$department"})', "outcome balance"),
            lines={"outcome balance": DASHED},
            size=(12, 9),
        ),
    )


def _history() -> Panel:
    """The chosen metric, for as long as the store keeps it."""
    shown = ", ".join(
        f"argMax(tuple(if(suppressed = '', {column}, NULL)), at).1 AS `Value{end}`" for end, column in BOUNDS.items()
    )
    return graph(
        "$metric on the $horizon horizon, and its answers",
        "Snapshots of the chosen metric with its interval and number of observations, as long as they are kept.",
        "none",
        sql(f"""SELECT $__timeInterval(at) AS time, {shown},
        toFloat64(argMax(n, at)) AS "Answers" FROM cx.balances_latest WHERE view = 'as_was' AND {OF}
        AND metric = ${{metric:sqlstring}} AND horizon = ${{horizon:sqlstring}} AND $__timeFilter(at)
        GROUP BY time ORDER BY time"""),
        size=(24, 8),
        bands=("Value",),
    )


def department() -> Board:
    """All figures of one department, and what pulls them."""
    averages = [metric for metric in METRICS.values() if metric.shape in SCORES]
    by_term = {term: [metric for metric in METRICS.values() if metric.term == term] for term in HORIZONS}
    return Board(
        "cx-department",
        "Department: figures, targets and what pulls them",
        "Each metric of one department on both horizons with interval, number of answers and targets.",
        (
            Row("$department", _index()),
            Row("Long-term metrics", tuple(map(figure, by_term["long"]))),
            Row("Short-term metrics", tuple(map(figure, by_term["short"]))),
            Row("What pulls it", tuple(map(pull, averages))),
            Row("One metric", (*_live(), _history())),
        ),
        (DEPARTMENT, METRIC, HORIZON),
        annotations(
            f"({OF} OR ${{department:sqlstring}} = 'company')",
            "${department:sqlstring} IN (previous, owner, 'company')",
            "about = '' OR ${department:sqlstring} IN (about, 'company')",
        ),
    )
