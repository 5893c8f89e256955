"""The company: which departments are ahead on which term, and what has drifted since when."""

from deploy.grafana.panels import DASHED, Board, Panel, Row, graph, promql, sql, states, table
from deploy.grafana.shared import DEPARTMENTS, now

CHOSEN = "match(department, '^(${department:regex})$')"
LAST = "at = (SELECT max(at) FROM cx.{0} WHERE view = 'as_was' AND $__timeFilter(at))"


def _terms() -> Row:
    """Short term against long term."""
    return Row("Short term against long term", (*_outcomes(), *_weights()))


def _outcomes() -> tuple[Panel, ...]:
    return (
        graph(
            "Index by department and term",
            "Mean attainment of the targets: 0 at the floor, 100 at the target, capped at 150. Dashed: long "
            "term. A solid line that rises while the dashed one falls is myopia.",
            "none",
            promql('max by (department, term) (cx_index{department=~"$department"})', "{{department}} {{term}}"),
            lines={".* long": DASHED},
            size=(12, 10),
        ),
        graph(
            "Outcome balance by department",
            "Long-term index minus short-term index. Above zero the department is ahead on satisfaction and "
            "loyalty, below zero on traffic and conversions.",
            "none",
            promql('max by (department) (cx_outcome_balance{department=~"$department"})', "{{department}}"),
            size=(12, 10),
        ),
    )


def _weights() -> tuple[Panel, ...]:
    return (
        graph(
            "Weight balance by department",
            "Share of the long term in the weights of all targets: which term the company says it values.",
            "percentunit",
            sql(f"""SELECT at AS time, department, weight_balance FROM cx.scorecards_latest
            WHERE view = 'as_was' AND weight_balance IS NOT NULL AND {CHOSEN} AND $__timeFilter(at)
            ORDER BY time, department"""),
            least=0,
        ),
        states(
            "Myopia by department",
            "The short-term index rises while the long-term index falls, both beyond their noise.",
            promql(
                'max by (department) (cx_companion_state{companion="myopia",department=~"$department"})',
                "{{department}}",
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
                """SELECT department, metric, argMax(state, at) AS direction, argMax(since, at) AS begun,
                max(at) AS noticed, argMax(statistic, at) AS reached, argMax(threshold, at) AS allowed
                FROM cx.drift_latest WHERE at <= $__toTime GROUP BY department, metric HAVING direction != 'calm'
                ORDER BY begun DESC""",
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
                "The last snapshot of each department's indices, as_was.",
                f"""SELECT department, short_index, long_index, outcome_balance, weight_balance, short_index_customer,
                long_index_customer, at FROM cx.scorecards_latest
                WHERE view = 'as_was' AND {LAST.format("scorecards_latest")} AND {CHOSEN} ORDER BY department""",
            ),
            table(
                "Balances at the end of the time range",
                "The last snapshot of every metric on both horizons, as_was.",
                f"""SELECT department, metric, term, horizon, value, ci_low, ci_high, n, n_eff, suppressed,
                last_at, at
                FROM cx.balances_latest WHERE view = 'as_was' AND {LAST.format("balances_latest")} AND {CHOSEN}
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
    )
