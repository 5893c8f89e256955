"""The company: which departments are ahead on which term, and what has drifted since when."""

from deploy.grafana import naming
from deploy.grafana.annotations import annotations
from deploy.grafana.naming import by_name, department_name
from deploy.grafana.panels import DASHED, Board, Panel, Row, graph, promql, sql, states, table
from deploy.grafana.shared import CHANGED, CHOSEN, DEPARTMENTS, NOTED, now

LAST = "at = (SELECT max(at) FROM cx.{0} WHERE view = 'as_was' AND $__timeFilter(at))"


def _terms() -> Row:
    """Short term against long term."""
    return Row("Short term against long term", (*_outcomes(), *_weights()))


def _cards(columns: dict[str, str]) -> dict[str, object]:
    """Columns of the scorecards, a line for each department; without a value there is a gap, never a zero."""
    name, kinds = department_name(), ", ".join(f"('{words}', {column})" for column, words in columns.items())
    return sql(f"""SELECT $__timeInterval(at) AS time, concat({name}, line.1) AS department, argMax(tuple(line.2), at).1
        AS value FROM (SELECT at, department, arrayJoin([{kinds}]) AS line FROM cx.scorecards_latest
        WHERE view = 'as_was' AND {CHOSEN} AND $__timeFilter(at)) GROUP BY time, department
        QUALIFY count(value) OVER (PARTITION BY department) > 0 ORDER BY time, department""")


def _outcomes() -> tuple[Panel, ...]:
    return (
        graph(
            "Index by department and term",
            "Mean attainment of the targets: 0 at the floor, 100 at the target, capped at 150. Dashed: long "
            "term. A solid line that rises while the dashed one falls is myopia.",
            "none",
            _cards({"short_index": ", short term", "long_index": ", long term"}),
            lines={".* long term": DASHED},
            size=(12, 10),
            label="department",
        ),
        graph(
            "Outcome balance by department",
            "Long-term index minus short-term index. Above zero the department is ahead on satisfaction and "
            "loyalty, below zero on traffic and conversions.",
            "none",
            _cards({"outcome_balance": ""}),
            size=(12, 10),
            label="department",
        ),
    )


def _weights() -> tuple[Panel, ...]:
    return (
        graph(
            "Weight balance by department",
            "Share of the long term in the weights of all targets: which term the company says it values.",
            "percentunit",
            _cards({"weight_balance": ""}),
            least=0,
            label="department",
        ),
        states(
            "Myopia by department",
            "The short-term index rises while the long-term index falls, both beyond their noise.",
            promql(
                by_name('max by (department) (cx_companion_state{companion="myopia",department=~"$department"})'),
                "{{name}}",
            ),
            {0: ("no", "green"), 1: ("myopia", "red")},
        ),
    )


def _drifted() -> Row:
    """What the detectors say."""
    return Row(
        "What is changing, and since when",
        (
            table(
                "Drifts at the end of the time range",
                "Metrics that have moved away from their baseline, since the statistic was last zero.",
                f"""SELECT {naming.DEPARTMENT}, {naming.METRIC}, direction,
                begun, noticed, reached, allowed, department_id, metric_id FROM (SELECT department AS department_id,
                metric AS metric_id, argMax(state, at) AS direction, argMax(since, at) AS begun, max(at) AS noticed,
                argMax(statistic, at) AS reached, argMax(threshold, at) AS allowed FROM cx.drift_latest
                WHERE at <= $__toTime AND {CHOSEN} GROUP BY department_id, metric_id HAVING direction != 'calm')
                ORDER BY begun DESC, department, metric""",
                size=(24, 7),
            ),
        ),
    )


def _figures() -> Row:
    """The last snapshot."""
    return Row(
        "Figures from the store",
        (
            table(
                "Scorecards at the end of the time range",
                "The last snapshot of each department's indices: each event counts for its owner at the time.",
                f"""SELECT {naming.DEPARTMENT}, short_index, long_index, outcome_balance,
                weight_balance, short_index_customer, long_index_customer, at, department_id
                FROM (SELECT *, department AS department_id FROM cx.scorecards_latest WHERE view = 'as_was'
                AND {LAST.format("scorecards_latest")} AND {CHOSEN}) ORDER BY department""",
            ),
            table(
                "Balances at the end of the time range",
                "The last snapshot of every metric on both horizons: each event counts for its owner at the time.",
                f"""SELECT {naming.DEPARTMENT}, {naming.METRIC}, term,
                horizon, value, ci_low, ci_high, n, n_eff, suppressed, last_at, at, department_id, metric_id
                FROM (SELECT *, department AS department_id, metric AS metric_id FROM cx.balances_latest
                WHERE view = 'as_was' AND {LAST.format("balances_latest")} AND {CHOSEN})
                ORDER BY department, metric, horizon""",
                size=(24, 12),
            ),
        ),
    )


def company() -> Board:
    """Which departments are ahead on the short term, which on the long, and what has drifted since when."""
    return Board(
        "cx-company",
        "Company: customer experience by owning department",
        "Short-term and long-term balances of every department that owned the touchpoints at the time.",
        (Row("Now", now()), _terms(), _drifted(), _figures()),
        (DEPARTMENTS,),
        annotations(CHOSEN, CHANGED, NOTED),
    )
