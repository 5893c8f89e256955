"""The statements of `streams.governance`. Values are bound; what is put together here are constants of this module.

The two arrays that tell owners, `{keys}` and `{owners}`, are whole numbers written into the text: as bound values they
would stand in the address of the request, which is no place for thousands of them.
"""
# ruff: noqa: S608

from typing import Final

from metrics.catalogue import SCORE_RANGES
from metrics.governance.coverage import BOXES

_SEGMENT: Final = "if(has({segments:Array(String)}, segment), segment, '')"
_REGION: Final = "if(has({regions:Array(String)}, region), region, '')"
_KIND: Final = "if(has({kinds:Array(String)}, toString(kind)), toString(kind), '')"
_KEY: Final = f"""sipHash64(touchpoint, {_SEGMENT}, {_REGION}, {_KIND},
    arrayCount(b -> b <= toUnixTimestamp(occurred_at), {{boundaries:Array(Int64)}}))"""
_PERIOD: Final = """occurred_at >= toDateTime64({since:Float64}, 3, 'UTC')
    AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')"""
_TOUCHES: Final = "kind NOT IN ('ownership_answer', 'success_answer', 'spend', 'case_opened', 'case_closed')"
_SATISFACTION: Final = (
    "multiIf("
    + ", ".join(f"kind = '{kind}', (score - {low}) / {high - low}" for kind, (low, high) in SCORE_RANGES.items())
    + ", NULL)"
)
_BAD: Final = " OR ".join(f"(kind = '{kind}' AND score < {low + BOXES})" for kind, (low, _) in SCORE_RANGES.items())
_OWNER: Final = f"transform({_KEY}, {{keys}}, {{owners}}, toUInt32(0))"

_ASKED: Final = "toUInt32(cityHash64(touchpoint, kind))"
_EARLY: Final = "occurred_at < toDateTime64({middle:Float64}, 3, 'UTC')"

COMBINATIONS: Final = f"""
SELECT {_KEY} AS key, any(touchpoint) AS touchpoint_, any({_SEGMENT}) AS segment_,
    any({_REGION}) AS region_, any({_KIND}) AS kind_, min(toUnixTimestamp(occurred_at)) AS at_s,
    countIf({_TOUCHES}) AS n
FROM events FINAL WHERE {_PERIOD} GROUP BY key
"""
# A journey's steps in order of time; equal instants in the order of their ids, so that the answer is always the same.
_JOURNEYS: Final = f"""
SELECT arraySort(groupArray(
    (occurred_at, event_id, {_OWNER}, {_SATISFACTION}, kind = {{conversion:String}}, {_ASKED})
)) AS steps
FROM events FINAL WHERE {_PERIOD} AND journey != '' AND {_TOUCHES} GROUP BY journey
"""
TRANSITIONS: Final = f"""
SELECT pair.1 AS giver, pair.2 AS taker, if(isNull(pair.3), 0, pair.4) AS asked, count() AS n,
    count(pair.3) AS scored, sum(ifNull(pair.3, 0)) AS total, sum(ifNull(pair.3 * pair.3, 0)) AS squares
FROM
(
    SELECT arrayJoin(arrayZip(
        arrayPopBack(steps.3), arrayPopFront(steps.3), arrayPopFront(steps.4), arrayPopFront(steps.6)
    )) AS pair
    FROM ({_JOURNEYS}) WHERE length(steps) > 1
)
GROUP BY giver, taker, asked ORDER BY giver, taker, asked
"""
# Up to the first conversion, without it: where it takes place is no merit of whoever owns the till.
PATHS: Final = f"""
SELECT path, countIf(won > 0) AS converted, countIf(won = 0) AS lost
FROM
(
    SELECT indexOf(steps.5, 1) AS won,
        multiIf(won > 1, arraySlice(steps.3, 1, won - 1), won = 1, arraySlice(steps.3, 1, 1), steps.3) AS owners,
        arrayCompact(owners) AS path
    FROM ({_JOURNEYS})
)
GROUP BY path ORDER BY count() DESC, path LIMIT {{paths:UInt32}}
"""
# Before a conversion as in PATHS; here every step counts by its own time.
JOURNEYS: Final = f"""
SELECT count() AS n, sum(met) AS departments, sum(met * met) AS departments_squared, sum(changed) AS changes,
    sum(changed * changed) AS changes_squared, sumMap(owners, arrayMap(w -> w / arraySum(weights), weights)) AS decayed
FROM
(
    SELECT arrayUniq(steps.3) AS met, length(arrayCompact(steps.3)) - 1 AS changed, indexOf(steps.5, 1) AS won,
        if(won > 0, arraySlice(steps, 1, greatest(won - 1, 1)), []) AS before,
        before.3 AS owners,
        arrayMap(t -> exp2((toFloat64(t) - toFloat64(before.1[-1])) / {{half_life:Float64}}), before.1) AS weights
    FROM ({_JOURNEYS})
)
"""
PROMOTERS: Final = f"""
SELECT {_OWNER} AS owner, touchpoint, grouping(touchpoint) AS is_department,
    uniqIf(customer, customer != '') AS customers,
    countIf(kind = 'nps' AND {_EARLY}) AS early, countIf(kind = 'nps' AND score >= 9 AND {_EARLY}) AS early_promoters,
    countIf(kind = 'nps') - early AS late, countIf(kind = 'nps' AND score >= 9) - early_promoters AS late_promoters
FROM events FINAL WHERE {_PERIOD} AND {_TOUCHES} GROUP BY GROUPING SETS ((owner), (touchpoint)) ORDER BY ALL
"""
ALARMS: Final = """
SELECT metric, count() AS n FROM drift FINAL
WHERE withdrawn = 0 AND state != 'calm' AND at >= toDateTime64({since:Float64}, 3, 'UTC')
    AND at < toDateTime64({until:Float64}, 3, 'UTC')
GROUP BY metric ORDER BY metric
"""
ANSWERS: Final = f"""
SELECT touchpoint, facet, role, answer, count() AS n FROM events FINAL
WHERE kind = 'ownership_answer' AND {_PERIOD} GROUP BY touchpoint, facet, role, answer ORDER BY ALL
"""
SUCCESS: Final = f"""
SELECT metric, value, count() AS n FROM events FINAL
WHERE kind = 'success_answer' AND {_PERIOD} GROUP BY metric, value ORDER BY ALL
"""
SPENDS: Final = f"""
SELECT {_OWNER} AS owner, touchpoint, category, currency, sum(amount) AS amount_, count() AS n FROM events FINAL
WHERE kind = 'spend' AND {_PERIOD} GROUP BY owner, touchpoint, category, currency ORDER BY ALL
"""
CASES: Final = f"""
SELECT source, case_id, argMinIf({_OWNER}, occurred_at, kind = 'case_opened') AS owner,
    argMinIf(touchpoint, occurred_at, kind = 'case_opened') AS touchpoint_,
    minIf(toUnixTimestamp(occurred_at), kind = 'case_opened') AS opened_s,
    maxIf(toUnixTimestamp(occurred_at), kind = 'case_closed') AS closed_s,
    argMaxIf(resolved, occurred_at, kind = 'case_closed') AS resolved_,
    argMaxIf(confirmed_by_customer, occurred_at, kind = 'case_closed') AS confirmed_
FROM events FINAL WHERE kind IN ('case_opened', 'case_closed') AND {_PERIOD}
GROUP BY source, case_id HAVING countIf(kind = 'case_opened') > 0 ORDER BY source, case_id
"""
DAYS: Final = f"""
SELECT touchpoint, intDiv(toUnixTimestamp(occurred_at), 86400) AS day, count() AS n, countIf({_BAD}) AS bad,
    sum(assumeNotNull({_SATISFACTION})) AS total, sum(pow(assumeNotNull({_SATISFACTION}), 2)) AS squares
FROM events FINAL WHERE score IS NOT NULL AND {_PERIOD} GROUP BY touchpoint, day ORDER BY ALL
"""
