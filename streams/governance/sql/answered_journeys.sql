-- Journeys with a last answer of one metric and answers before it: customer, last answer, and by answer before it the
-- touchpoint and its satisfaction, 0..1. Whole customers, in the order of their hash: it goes with nothing else.
SELECT customer, last_score, places, levels
FROM
(
    SELECT
        bitShiftRight(sipHash64(if(any(customer) = '', journey, any(customer))), 1) AS customer,
        arraySort(groupArray((
            toUnixTimestamp64Milli(occurred_at),
            sipHash64(source, event_id),
            $place,
            multiIf(
                kind = 'nps', (score - 0) / 10, kind = 'csat', (score - 1) / 4, kind = 'ces', (score - 1) / 6, NULL
            ),
            kind = {metric:String},
            score
        ))) AS answers,
        arrayLastIndex(answer -> answer.5, answers) AS last,
        arraySlice(answers, 1, last - 1) AS before,
        assumeNotNull(answers[last].6) AS last_score,
        arrayMap(answer -> answer.3, before) AS places,
        arrayMap(answer -> assumeNotNull(answer.4), before) AS levels
    FROM events FINAL
    WHERE score IS NOT NULL
        AND journey != ''
        AND occurred_at >= toDateTime64({since:Float64}, 3, 'UTC')
        AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
    GROUP BY journey
    HAVING last > 1
)
ORDER BY customer, last_score, levels, places
LIMIT {limit:UInt32}
