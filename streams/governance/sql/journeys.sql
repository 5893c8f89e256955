-- Journeys, counted in four ways at once, for putting them together is the expensive part.
-- streams/governance/journeys.py takes the numbers apart; what a step is stands in step.sql.
--
-- What a row is about stands in the two top bits of its key. 0, a pair of steps: below are, where the step after has an
-- answer, 23 bits of who gave it (the customer; the journey of nobody known), then the giver, and touchpoint, taker and
-- answer of the step after. 1, a journey's shape: hand-offs and departments. 2, credit by
-- time: the department. 3, a path: its hash. Paths end before the first conversion: where that takes place is no
-- merit of its department.
SELECT
    bitShiftRight(key, 62) AS what,
    bitAnd(key, 4611686018427387903) AS about,
    any(item.3) AS path,
    count() AS n,
    sum(item.2) AS weight
FROM
(
    SELECT
        arrayJoin(arrayConcat(
            arrayMap(
                (a, b) -> (
                    toUInt64(toUInt64(a) * 268435456 + bitAnd(bitShiftRight(b, 1), 268435455))
                    + if(bitAnd(b, 62) = 0, 0, who * 549755813888),
                    0.,
                    emptyArrayUInt16()
                ),
                arrayPopBack(owners),
                arrayPopFront(steps)
            ),
            arrayMap(
                (o, w) -> (toUInt64(o) + 9223372036854775808, w / arraySum(weights), emptyArrayUInt16()),
                arraySlice(owners, 1, length(weights)),
                weights
            ),
            [
                (
                    toUInt64((length(arrayCompact(owners)) - 1) * 65536 + arrayUniq(owners)) + 4611686018427387904,
                    0.,
                    emptyArrayUInt16()
                ),
                (
                    toUInt64(bitShiftRight(sipHash64(path), 2)) + 13835058055282163712,
                    toFloat64(won > 0),
                    path
                )
            ]
        )) AS item,
        item.1 AS key
    FROM
    (
        SELECT
            arraySort(groupArray($step)) AS steps,
            max(if(customer = '', 0, sipHash64(customer))) AS person,
            if(person = 0, sipHash64(journey), person) % {customers:UInt32} AS who,
            arrayMap(s -> toUInt16(bitAnd(bitShiftRight(s, 6), 2047)), steps) AS owners,
            arrayFirstIndex(s -> bitTest(s, 0), steps) AS won,
            toUInt32(if(won = 0, length(steps), greatest(won, 2) - 1)) AS reached,
            arrayCompact(arraySlice(owners, 1, reached)) AS path,
            arrayMap(s -> bitShiftRight(s, 29), arraySlice(steps, 1, if(won = 0, 0, reached))) AS times,
            arrayMap(t -> exp2((toFloat64(t) - times[-1]) * {tick:UInt32} / {half_life_ms:Float64}), times) AS weights
        FROM events FINAL
        WHERE $of_journeys
        GROUP BY sipHash64(journey)
    )
)
GROUP BY key
ORDER BY what, n DESC, path, key
LIMIT {paths:UInt32} BY if(what = 3, 0, key)
