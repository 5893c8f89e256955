-- Answers by customer against a recount of their facts: which of some minutes differ.
SELECT arraySort(groupUniqArray(toUnixTimestamp(minute))) AS minutes
FROM
(
    SELECT minute, customer, kind, touchpoint, segment, region, sum(n_) AS n
    FROM
    (
        SELECT
            toStartOfMinute(occurred_at) AS minute, sipHash64(events.customer) AS customer, toString(kind) AS kind,
            touchpoint, segment, region, toInt64(1) AS n_
        FROM events FINAL
        WHERE toStartOfMinute(occurred_at) IN ($minutes)
            AND occurred_at >= {first:DateTime64(3, 'UTC')} AND occurred_at < {last:DateTime64(3, 'UTC')}
            AND events.kind IN ('nps', 'csat', 'ces', 'conversion', 'repeat_purchase', 'renewal', 'churn')
            AND events.customer != ''
        UNION ALL
        SELECT minute, customer, toString(kind), touchpoint, segment, region, -toInt64(n)
        FROM answers FINAL
        WHERE minute IN ($minutes)
            AND minute >= {first:DateTime64(3, 'UTC')} AND minute < {last:DateTime64(3, 'UTC')}
    )
    GROUP BY minute, customer, kind, touchpoint, segment, region
    HAVING n != 0
)
