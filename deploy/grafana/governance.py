"""Governance: lines of responsibility, dispersion, hand-offs, and what the company gives weight to.

Tables read the department that owned each event when it landed; `cxb governance` and the page apply the registry of
today, with intervals.
"""

from deploy.grafana import naming
from deploy.grafana.annotations import annotations
from deploy.grafana.naming import by_name, department_name
from deploy.grafana.panels import Board, Panel, Row, graph, promql, sql, stat, states, table
from metrics.catalogue import CONTEXT_KINDS, GOVERNANCE_KINDS, SCORE_RANGES
from metrics.governance.coverage import BOXES

TOUCHES = "kind NOT IN (" + ", ".join(f"'{kind}'" for kind in (*GOVERNANCE_KINDS, *CONTEXT_KINDS)) + ")"
SATISFACTION = ", ".join(
    f"kind = '{kind}', (score - {low}) / {high - low}" for kind, (low, high) in SCORE_RANGES.items()
)
BAD = " OR ".join(f"(kind = '{kind}' AND score < {low + BOXES})" for kind, (low, _) in SCORE_RANGES.items())
WEEK = "toDateTime(toMonday(occurred_at)) AS time"
CASES = "kind IN ('case_opened', 'case_closed')"
WITHIN = "$__timeFilter(occurred_at)"
JOURNEYS = f"""SELECT arraySort(step -> (step.1, step.2, step.3 != 'unowned', step.3),
    groupArray((occurred_at, touchpoint, department, multiIf({SATISFACTION}, NULL), kind = 'conversion'))) AS steps
    FROM cx.events_latest WHERE journey != '' AND {TOUCHES} AND {WITHIN} GROUP BY journey"""


def _lines() -> tuple[Panel, ...]:
    """What the elected worker computes of the last 90 days, and how old that is."""
    return (
        stat(
            "Clear lines",
            "Share of touchpoints, facets and slices with exactly one accountable department and no more effective "
            "owners than the policy allows.",
            "percentunit",
            promql("max(cx_clear_lines_share)", "clear lines"),
        ),
        stat(
            "Orphan events",
            "Share of the events of the last 90 days that nobody owns.",
            "percentunit",
            promql("max(cx_orphan_events_share)", "orphan events"),
            {"orange": 0.05, "red": 0.2},
        ),
        stat(
            "Steps across departments",
            "Share of consecutive steps of journeys that go from one department to another.",
            "percentunit",
            promql("max(cx_hand_off_share)", "hand-offs"),
        ),
        stat(
            "Age of these figures",
            "Computed every five minutes, or less often where that takes long.",
            "s",
            promql("time() - max(cx_governance_updated_timestamp_seconds)", "age"),
            {"orange": 1800, "red": 7200},
        ),
    )


def _weights() -> tuple[Panel, ...]:
    """Short term against long term."""
    return (
        graph(
            "Weight of the long term",
            "As the targets declare it, and in practice: the share of attention (cases, spend, alerts) that it gets.",
            "percentunit",
            promql("max by (basis) (cx_long_term_weight)", "{{basis}}"),
            least=0,
        ),
        states(
            "Has the weight of the long term fallen?",
            "Whether it is lower than 30 days ago.",
            promql("max by (basis) (cx_long_term_weight_fell)", "{{basis}}"),
            {0: ("no", "green"), 1: ("fell", "red")},
        ),
        graph(
            "Declared weight of the long term, from the store",
            "Share of the long-term targets in all weights of the company, at each snapshot.",
            "percentunit",
            sql("""SELECT $__timeInterval(at) AS time, argMax(tuple(weight_balance), at).1 AS `Weight of the long term`
                FROM cx.scorecards_latest WHERE view = 'as_was' AND department = 'company' AND $__timeFilter(at)
                GROUP BY time ORDER BY time"""),
            least=0,
        ),
        table(
            "What customers call success",
            "Median of the values that customers named, by metric and in its unit.",
            f"""SELECT {naming.METRIC}, success, answers FROM (SELECT metric AS metric_id,
                quantileExact(0.5)(value) AS success, count() AS answers FROM cx.events_latest
                WHERE kind = 'success_answer' AND {WITHIN} GROUP BY metric_id) ORDER BY metric""",
            size=(12, 8),
        ),
    )


def _dispersion() -> tuple[Panel, ...]:
    """Over how many departments, and over time."""
    return (
        graph(
            "Effective owners, last 90 days",
            "1 / sum of squared shares of touchpoints and of events: 1 is one owner, N equal ones are N.",
            "none",
            promql("max by (of) (cx_effective_owners)", "{{of}}"),
            least=0,
        ),
        graph(
            "Effective owners of each week's events",
            "1 / sum of squared shares of each week's events that had an owner.",
            "none",
            sql(f"""SELECT time, pow(sum(n), 2) / sum(n * n) AS `Effective owners` FROM (SELECT {WEEK}, department,
                toFloat64(count()) AS n FROM cx.events_latest WHERE department != 'unowned' AND {TOUCHES} AND {WITHIN}
                GROUP BY time, department) GROUP BY time ORDER BY time"""),
            least=0,
        ),
        graph(
            "Orphan share of each week's events",
            "Share of each week's events that nobody owned when they landed.",
            "percentunit",
            sql(f"""SELECT {WEEK}, countIf(department = 'unowned') / count() AS `Orphan share` FROM cx.events_latest
                WHERE {TOUCHES} AND {WITHIN} GROUP BY time ORDER BY time"""),
            least=0,
        ),
        table(
            "Who people think owns it",
            "Answers to the question who owns a touchpoint, as a share of all answers about it.",
            f"""SELECT {naming.TOUCHPOINT}, {department_name("named")} AS answer, answers,
                percent, touchpoint_id FROM (SELECT touchpoint AS touchpoint_id, answer AS named, count() AS answers,
                100 * answers / sum(answers) OVER (PARTITION BY touchpoint_id) AS percent
                FROM cx.events_latest WHERE kind = 'ownership_answer' AND {WITHIN}
                GROUP BY touchpoint_id, named) ORDER BY touchpoint, answers DESC, answer""",
            size=(12, 8),
        ),
    )


def _journeys() -> tuple[Panel, ...]:
    """Where journeys pass from one department to another, and who takes part in conversions."""
    return (
        table(
            "Hand-offs: from, to",
            "Consecutive steps of journeys by the departments of both, and satisfaction after them: 0 worst, 100 best.",
            f"""SELECT {department_name("department_id")} AS giver, {department_name("taker_id")} AS taker, steps,
                percent, satisfaction, answers, department_id, taker_id
                FROM (SELECT pair.1 AS department_id, pair.2 AS taker_id,
                count() AS steps, 100 * steps / sum(steps) OVER () AS percent,
                100 * avg(pair.3) AS satisfaction, count(pair.3) AS answers FROM (SELECT arrayJoin(arrayZip(
                arrayPopBack(steps.3), arrayPopFront(steps.3), arrayPopFront(steps.4))) AS pair FROM ({JOURNEYS})
                WHERE length(steps) > 1) GROUP BY department_id, taker_id) ORDER BY steps DESC, giver, taker""",
            size=(12, 10),
        ),
        table(
            "Credit for conversions, first and last step",
            "Conversions by the department of the first and of the last step before them: a rule, not who earned them.",
            f"""SELECT {naming.DEPARTMENT}, countIf(place = 1) AS first,
                countIf(place = 2) AS last, department_id FROM (SELECT
                arrayJoin([1, 2]) AS place, if(place = 1, owners[1], owners[-1]) AS department_id
                FROM (SELECT indexOf(steps.5, 1) AS won, arraySlice(steps.3, 1, greatest(won - 1, 1)) AS owners
                FROM ({JOURNEYS}) WHERE won > 0)) GROUP BY department_id ORDER BY last DESC, department""",
            size=(12, 10),
        ),
    )


def _loop() -> tuple[Panel, ...]:
    """Where the company listens, and whether it closes the loop."""
    return (
        table(
            "Answers by touchpoint, the least heard first",
            "Where nobody listens: fewer than 30 answers say little. Bad: scores in the two lowest boxes.",
            f"""SELECT {naming.TOUCHPOINT}, answers, bad_percent, last_answer, touchpoint_id FROM (SELECT
                touchpoint AS touchpoint_id, countIf(score IS NOT NULL) AS answers,
                if(answers = 0, NULL, 100 * countIf({BAD}) / answers) AS bad_percent,
                maxOrNullIf(occurred_at, score IS NOT NULL) AS last_answer FROM cx.events_latest
                WHERE {TOUCHES} AND {WITHIN} GROUP BY touchpoint_id) ORDER BY answers, touchpoint""",
            size=(12, 10),
        ),
        graph(
            "Open cases by department",
            "Cases opened in the last 90 days and not closed yet.",
            "none",
            promql(by_name("max by (department) (cx_open_cases)"), "{{name}}"),
            least=0,
            size=(12, 10),
        ),
        table(
            "Cases by department",
            "Opened and closed in the time range; of the closed ones, the share that customers confirmed.",
            f"""SELECT {naming.DEPARTMENT}, countIf(kind = 'case_opened') AS opened,
                countIf(kind = 'case_closed') AS closed, 100 * avg(confirmed_by_customer) AS confirmed_percent,
                department_id FROM (SELECT *, department AS department_id FROM cx.events_latest
                WHERE {CASES} AND {WITHIN}) GROUP BY department_id ORDER BY department""",
            size=(12, 8),
        ),
        table(
            "Spend by department and category",
            "Spend on touchpoints; the registry declares which categories are hidden spend on the experience.",
            f"""SELECT {naming.DEPARTMENT}, category, currency, spent AS amount, facts, department_id FROM (SELECT
                department AS department_id, category, currency, toFloat64(sum(amount)) AS spent, count() AS facts
                FROM cx.events_latest WHERE kind = 'spend' AND {WITHIN} GROUP BY department_id, category, currency)
                ORDER BY department, category, currency""",
            size=(12, 8),
        ),
    )


def governance() -> Board:
    """Who owns the experience, measured against the policy that the company declares."""
    return Board(
        "cx-governance",
        "Governance: who owns the experience",
        "Lines of responsibility, dispersion, hand-offs, listening and weights. Descriptive, not causal.",
        (
            Row("Lines of responsibility", _lines()),
            Row("Short term against long term", _weights()),
            Row("Dispersion and perception", _dispersion()),
            Row("Journeys", _journeys()),
            Row("Closing the loop", _loop()),
        ),
        (),
        annotations(),
        "now-90d",
    )
