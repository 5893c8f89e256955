"""A department: every metric on both horizons, its targets, and what pulls it."""

from deploy.grafana.panels import DASHED, DOTTED, Board, Panel, Row, graph, promql, sql, table
from deploy.grafana.shared import DEPARTMENT, HORIZON, METRIC, SCORES, unit
from metrics.catalogue import HORIZONS, METRICS, Metric


def figure(metric: Metric) -> Panel:
    """A metric of the chosen department on both horizons, with intervals and targets."""
    of = f'department="$department",metric="{metric.name}"'
    return graph(
        f"{metric.name} ({metric.unit})",
        f"{metric.meaning[0].upper()}{metric.meaning[1:]}. Dashed: 95 % interval ({metric.interval}). Dotted: targets, "
        "the company's own and the customers'. Empty while there are too few answers.",
        unit(metric),
        promql(f"max by (horizon) (cx_metric_value{{{of}}})", "{{horizon}} horizon"),
        promql(f"max by (horizon) (cx_metric_ci_low{{{of}}})", "{{horizon}} lower bound"),
        promql(f"max by (horizon) (cx_metric_ci_high{{{of}}})", "{{horizon}} upper bound"),
        promql(f'max by (level) (cx_target{{{of},level!="floor"}})', "target {{level}}"),
        lines={".* bound": DASHED, "target .*": DOTTED},
    )


def pull(metric: Metric) -> Panel:
    """Which touchpoints pull a metric up or down."""
    value = SCORES[metric.shape]
    return table(
        f"Touchpoints that pull {metric.name}",
        "Answers of the time range by touchpoint. Pull: share of the answers times the distance from the department's "
        "value; the pulls of all touchpoints add up to zero.",
        f"""SELECT touchpoint, n, value, n / sum(n) OVER () * (value - sum(n * value) OVER () / sum(n) OVER ()) AS pull
            FROM (SELECT touchpoint, count() AS n, {value} AS value FROM cx.events_latest
            WHERE kind = '{metric.kinds[0]}'
            AND (department = ${{department:sqlstring}} OR ${{department:sqlstring}} = 'company')
            AND $__timeFilter(occurred_at) GROUP BY touchpoint) ORDER BY pull""",
        size=(8, 9),
    )


def _index() -> tuple[Panel, ...]:
    """Its indices, and how many answers they rest on."""
    return (
        graph(
            "Index by term",
            "Weighted mean attainment of the targets, each metric on the horizon of its term.",
            "none",
            promql('max by (term) (cx_index{department="$department"})', "{{term}} term"),
        ),
        graph(
            "Effective answers by metric",
            "Effective number of observations on the long horizon. Below 30 nothing is alerted on.",
            "none",
            promql('max by (metric) (cx_metric_n_eff{department="$department",horizon="long"})', "{{metric}}"),
            least=0,
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
        ),
    )


def _history() -> Panel:
    """The chosen metric, for as long as the store keeps it."""
    return graph(
        "$metric on the $horizon horizon, from the store",
        "Snapshots of the chosen metric with its interval and number of observations, as long as they are kept.",
        "none",
        sql("""SELECT at AS time, value, ci_low, ci_high, toFloat64(n) AS n FROM cx.balances_latest
            WHERE view = 'as_was' AND department = ${department:sqlstring} AND metric = ${metric:sqlstring}
            AND horizon = ${horizon:sqlstring} AND $__timeFilter(at) ORDER BY time"""),
        size=(24, 8),
        lines={"ci_.*": DASHED},
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
            Row("History", (_history(),)),
        ),
        (DEPARTMENT, METRIC, HORIZON),
    )
