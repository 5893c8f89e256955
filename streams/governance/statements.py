"""The statements of `streams.governance.counting`. Values are bound; what is formatted in are constants of this module.

The arrays that tell owners, `{keys}`, `{owners}` and `{places}`, are whole numbers written into the text: as bound
values they would stand in the address of the request, which is no place for thousands of them.
"""
# ruff: noqa: S608

from itertools import accumulate
from typing import Final

from metrics.catalogue import SCORE_RANGES
from metrics.governance.coverage import BOXES


def _told(column: str, known: str) -> str:
    """A column as far as rules tell its values apart, "" for the others."""
    return f"if(has({{{known}:Array(String)}}, toString({column})), toString({column}), '')"


# What rules can tell apart. A function of one column of few values costs once a value and not once a row.
_EPOCH: Final = (
    f"roundDown(toInt64(toUnixTimestamp(occurred_at)), arrayPushFront({{boundaries:Array(Int64)}}, {-(1 << 62)}))"
)
_KEY: Final = f"""cityHash64(sipHash64(touchpoint), indexOf({{segments:Array(String)}}, segment),
    indexOf({{regions:Array(String)}}, region), indexOf({{kind_numbers:Array(Int8)}}, toInt8(kind)), {_EPOCH})"""
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
_PLACE: Final = f"transform({_KEY}, {{keys}}, {{places}}, toUInt32(0))"

_EARLY: Final = "(occurred_at < toDateTime64({middle:Float64}, 3, 'UTC'))"

COMBINATIONS: Final = f"""
SELECT {_KEY} AS key, any(touchpoint) AS touchpoint_, {_told("any(segment)", "segments")} AS segment_,
    {_told("any(region)", "regions")} AS region_, {_told("any(kind)", "kinds")} AS kind_,
    min(toUnixTimestamp(occurred_at)) AS at_s, countIf({_TOUCHES}) AS n
FROM events FINAL WHERE {_PERIOD} GROUP BY key ORDER BY key
"""
# A journey's steps, each packed into one number: eight bytes a step are what millions of journeys leave room for. From
# the top: 35 bits of time in ticks since the start, so that they sort by time; 12 of the touchpoint, 11 of its owner, 5
# of the answer, 1 of the conversion. Equal instants come in the order of what is left: the answer is always the same.
TICKS: Final = 1 << 35
TOUCHPOINTS: Final = 1 << 12
OWNERS: Final = 1 << 11
_CODES: Final = list(accumulate((high - low + 1 for low, high in SCORE_RANGES.values()), initial=1))
"""The code of the lowest score of each kind; 0 is no answer."""
LEVELS: Final[tuple[tuple[int, float], ...]] = (
    (0, 0.0),
    *(
        (question, (score - low) / (high - low))
        for question, (low, high) in enumerate(SCORE_RANGES.values(), start=1)
        for score in range(low, high + 1)
    ),
)
"""By code: the number of the question, 0 for none, and the satisfaction, 0..1."""
_CODE: Final = (
    "multiIf("
    + ", ".join(
        f"kind = '{kind}', assumeNotNull(score) + {code - low}"
        for code, (kind, (low, _)) in zip(_CODES, SCORE_RANGES.items(), strict=False)
    )
    + ", 0)"
)
_TIME: Final = "intDiv(toUnixTimestamp64Milli(occurred_at) - toInt64({since:Float64} * 1000), {tick:UInt32})"
_IS_CONVERSION: Final = "kind = {conversion:String}"
_STEP: Final = (
    f"toUInt64({_TIME}) * {1 << 29} + toUInt64({_PLACE}) * {1 << 6} + toUInt64({_CODE}) * 2 + ({_IS_CONVERSION})"
)
# Up to the first conversion, without it: where it takes place is no merit of whoever owns the till.
_STEPS: Final = f"""
SELECT arraySort(groupArray({_STEP})) AS steps,
    arrayMap(s -> toUInt16(bitAnd(bitShiftRight(s, 6), {OWNERS - 1})), steps) AS owners,
    arrayFirstIndex(s -> bitTest(s, 0), steps) AS won,
    toUInt32(if(won = 0, length(steps), greatest(won, 2) - 1)) AS reached,
    arrayCompact(arraySlice(owners, 1, reached)) AS path,
    arrayMap(s -> bitShiftRight(s, 29), arraySlice(steps, 1, if(won = 0, 0, reached))) AS times,
    arrayMap(t -> exp2((toFloat64(t) - times[-1]) * {{tick:UInt32}} / {{half_life_ms:Float64}}), times) AS weights
FROM events FINAL WHERE {_PERIOD} AND journey != '' AND {_TOUCHES} GROUP BY sipHash64(journey)
"""
# Four things at once, for putting journeys together is the dear part. What a row is about stands in the two top bits of
# its key. Below them stand, of a pair, the giver, and touchpoint, taker and answer of the step after; of a journey's
# shape, hand-offs and departments; of credit by time, the department; of a path, its hash.
PAIR, SHAPE, DECAY, PATH = range(4)


def _item(what: int, key: str, weight: str = "0.", path: str = "emptyArrayUInt16()") -> str:
    return f"(toUInt64({key}) + {what << 62}, {weight}, {path})"


_PAIR: Final = _item(PAIR, f"toUInt64(a) * {1 << 28} + bitAnd(bitShiftRight(b, 1), {(1 << 28) - 1})")
_DECAY: Final = _item(DECAY, "o", "w / arraySum(weights)")
JOURNEYS: Final = f"""
SELECT bitShiftRight(key, 62) AS what, bitAnd(key, {(1 << 62) - 1}) AS about, any(item.3) AS path, count() AS n,
    sum(item.2) AS weight
FROM
(
    SELECT arrayJoin(arrayConcat(
        arrayMap((a, b) -> {_PAIR}, arrayPopBack(owners), arrayPopFront(steps)),
        arrayMap((o, w) -> {_DECAY}, arraySlice(owners, 1, length(weights)), weights),
        [{_item(SHAPE, "(length(arrayCompact(owners)) - 1) * 65536 + arrayUniq(owners)")},
         {_item(PATH, "bitShiftRight(sipHash64(path), 2)", "toFloat64(won > 0)", "path")}]
    )) AS item, item.1 AS key
    FROM ({_STEPS})
)
GROUP BY key ORDER BY what, n DESC, path, key LIMIT {{paths:UInt32}} BY if(what = {PATH}, 0, key)
"""
# By key first: who met a touchpoint and who met a department are put together from the same parts.
PROMOTERS: Final = f"""
SELECT transform(key, {{keys}}, {{owners}}, toUInt32(0)) AS owner, touchpoint_ AS touchpoint,
    grouping(touchpoint) AS is_department, uniqMerge(met) AS customers, sum(early_) AS early,
    sum(early_promoters_) AS early_promoters, sum(late_) AS late, sum(late_promoters_) AS late_promoters
FROM
(
    SELECT {_KEY} AS key, any(touchpoint) AS touchpoint_, uniqStateIf(customer, customer != '') AS met,
        countIf(kind = 'nps' AND {_EARLY}) AS early_, countIf(kind = 'nps' AND NOT {_EARLY}) AS late_,
        countIf(kind = 'nps' AND score >= 9 AND {_EARLY}) AS early_promoters_,
        countIf(kind = 'nps' AND score >= 9 AND NOT {_EARLY}) AS late_promoters_
    FROM events FINAL WHERE {_PERIOD} AND {_TOUCHES} GROUP BY key
)
GROUP BY GROUPING SETS ((owner), (touchpoint)) ORDER BY ALL
"""
ALARMS: Final = """
SELECT metric, count() AS n FROM drift FINAL
WHERE withdrawn = 0 AND state != 'calm' AND at >= toDateTime64({since:Float64}, 3, 'UTC')
    AND at < toDateTime64({until:Float64}, 3, 'UTC')
GROUP BY metric ORDER BY metric
"""
# All facts of governance at once: each pass over the events of a period to find these few costs as much as the first.
# What a kind does not ask about is empty; the opening and the closing of a case are one row.
_IS_CASE: Final = "kind IN ('case_opened', 'case_closed')"
FACTS: Final = f"""
SELECT if({_IS_CASE}, 'case', toString(kind)) AS what, if({_IS_CASE}, 0, {_OWNER}) AS owner,
    if({_IS_CASE}, '', touchpoint) AS place, facet, role, answer, metric, value, category, currency,
    if({_IS_CASE}, source, '') AS reporter, case_id,
    sum(amount) AS amount_, count() AS n,
    argMinIf({_OWNER}, occurred_at, kind = 'case_opened') AS opener,
    argMinIf(touchpoint, occurred_at, kind = 'case_opened') AS opened_at,
    minIf(toUnixTimestamp(occurred_at), kind = 'case_opened') AS opened_s,
    maxIf(toUnixTimestamp(occurred_at), kind = 'case_closed') AS closed_s,
    argMaxIf(resolved, occurred_at, kind = 'case_closed') AS resolved_,
    argMaxIf(confirmed_by_customer, occurred_at, kind = 'case_closed') AS confirmed_
FROM events FINAL WHERE NOT ({_TOUCHES}) AND {_PERIOD}
GROUP BY what, owner, place, facet, role, answer, metric, value, category, currency, reporter, case_id
HAVING what != 'case' OR countIf(kind = 'case_opened') > 0
ORDER BY what, owner, place, facet, role, answer, metric, value, category, currency, reporter, case_id
"""
DAYS: Final = f"""
SELECT touchpoint, intDiv(toUnixTimestamp(occurred_at), 86400) AS day, count() AS n, countIf({_BAD}) AS bad,
    sum(assumeNotNull({_SATISFACTION})) AS total, sum(pow(assumeNotNull({_SATISFACTION}), 2)) AS squares
FROM events FINAL WHERE score IS NOT NULL AND {_PERIOD} GROUP BY touchpoint, day ORDER BY ALL
"""
