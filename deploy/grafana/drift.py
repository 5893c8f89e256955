"""Drift: how close each detector is to an alarm, and the alarms of the past."""

from deploy.grafana import naming
from deploy.grafana.annotations import annotations
from deploy.grafana.naming import by_name
from deploy.grafana.overrides import companion_names, metric_names
from deploy.grafana.panels import DASHED, Board, Panel, Row, graph, promql, sql, stat, states, table
from deploy.grafana.shared import CHANGED, DEPARTMENTS, NOTED, SEVERAL_METRICS
from deploy.grafana.shared import CHOSEN as OF_DEPARTMENTS

CHOSEN = 'department=~"$department",metric=~"$metric"'
IN_STORE = "match(department, '^(${department:regex})$') AND match(metric, '^(${metric:regex})$')"
PAIR, NAME = "max by (department, metric)", "{{name}}: {{metric}}"


def _live() -> tuple[Panel, ...]:
    """State, statistic and threshold of each detector, the companions, and the alert budget."""
    return (*_live_states(), *_live_statistics(), *_live_budget())


def _live_states() -> tuple[Panel, ...]:
    return (
        states(
            "State by department and metric",
            "Down and up are drifts away from the baseline; a drift ends when the statistic is back at zero.",
            promql(by_name(f"min by (department, metric) (cx_drift_state{{{CHOSEN}}})"), NAME),
            {-1: ("down", "red"), 0: ("calm", "green"), 1: ("up", "blue")},
            height=10,
            renames=metric_names(),
        ),
        states(
            "Data quality and myopia",
            "What else may be wrong: silent touchpoints, events without an owner, another mix of owners, few answers, "
            "myopia.",
            promql(
                by_name('max by (companion, department) (cx_companion_state{department=~"$department"})'),
                "{{name}}: {{companion}}",
            ),
            {0: ("no", "green"), 1: ("yes", "orange")},
            height=10,
            renames=companion_names(),
        ),
    )


def _live_statistics() -> tuple[Panel, ...]:
    return (
        graph(
            "Share of the threshold used",
            "Statistic divided by threshold: at 1 a detector alerts. It follows from the company's alert budget.",
            "percentunit",
            promql(by_name(f"{PAIR} (cx_drift_statistic{{{CHOSEN}}}) / {PAIR} (cx_drift_threshold{{{CHOSEN}}})"), NAME),
            least=0,
            renames=metric_names(),
        ),
        graph(
            "Statistic and threshold",
            "The cumulated deviation from the baseline, and the value at which it alerts.",
            "none",
            promql(by_name(f"{PAIR} (cx_drift_statistic{{{CHOSEN}}})"), f"{NAME} statistic"),
            promql(by_name(f"{PAIR} (cx_drift_threshold{{{CHOSEN}}})"), f"{NAME} threshold"),
            least=0,
            renames=metric_names(),
            lines={".* threshold": DASHED},
        ),
    )


def _live_budget() -> tuple[Panel, ...]:
    return (
        stat(
            "Budget used",
            "Alarms of the last 30 days divided by the false alarms allowed per month. Above 100 %, something drifts, "
            "or baselines no longer fit.",
            "percentunit",
            promql("max(cx_drift_budget_used) / max(cx_drift_budget)", "used"),
            {"orange": 1, "red": 3},
        ),
        graph(
            "Alarms of the last 30 days and the budget",
            "All departments together; dashed: the false alarms allowed per month. Alarms that a change of ownership "
            "explains count apart.",
            "none",
            promql("max(cx_drift_budget_used)", "alarms"),
            promql("max(cx_drift_explained_alarms)", "explained by a change of ownership"),
            promql(
                "count(max by (department, metric) (cx_drift_explained) == 1) or vector(0)", "of these in alarm now"
            ),
            promql("max(cx_drift_budget)", "budget"),
            least=0,
            lines={"budget": DASHED},
        ),
    )


def _past() -> tuple[Panel, ...]:
    """The alarms of the time range, and of a month."""
    return (
        graph(
            "Alarms a day",
            "Changes to up or down. Compare them with the budget of false alarms per month.",
            "none",
            sql(f"""SELECT toStartOfDay(at) AS time, toFloat64(countIf(state != 'calm')) AS alarms FROM cx.drift_latest
                  WHERE {IN_STORE} AND $__timeFilter(at) GROUP BY time ORDER BY time"""),
            least=0,
        ),
        stat(
            "Alarms of the last 30 days",
            "Of all departments: how much of the alert budget they would use if all were false.",
            "none",
            sql(
                """SELECT countIf(state != 'calm') AS alarms FROM cx.drift_latest
                 WHERE at > $__toTime - INTERVAL 30 DAY AND at <= $__toTime""",
                table=True,
            ),
        ),
        stat(
            "Detectors",
            "Pairs of department and metric that have a baseline and are watched.",
            "none",
            promql("count(max by (department, metric) (cx_drift_state))", "detectors"),
        ),
        table(
            "Changes of state",
            "Each change with its start, statistic, threshold and baseline.",
            f"""SELECT at, {naming.DEPARTMENT}, {naming.METRIC}, state,
                  since, statistic, threshold, baseline_id, department_id, metric_id FROM (SELECT *,
                  department AS department_id, metric AS metric_id FROM cx.drift_latest
                  WHERE {IN_STORE} AND $__timeFilter(at)) ORDER BY at DESC, department, metric LIMIT 500""",
        ),
    )


def drift() -> Board:
    """Statistic, threshold and state of each detector, and the alarms of the past."""
    return Board(
        "cx-drift",
        "Drift: statistics, thresholds and alarms",
        "How close each metric of each department is to an alarm, and the alarms of the past.",
        (Row("Now", _live()), Row("Alarms", _past())),
        (DEPARTMENTS, SEVERAL_METRICS),
        annotations(OF_DEPARTMENTS, CHANGED, NOTED),
        refresh="1m",
    )
