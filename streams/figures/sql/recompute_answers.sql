-- Answers and purchases by customer of some minutes, as recompute_cells does cells.
INSERT INTO answers (customer, metric, kind, minute, touchpoint, segment, region, n, refreshed_at)
SELECT
    customer_, metric_, kind_, minute_, touchpoint, segment, region, sum(n_),
    greatest(
        now64(6, 'UTC'),
        {seen:DateTime64(6, 'UTC')} + toIntervalMicrosecond(1),
        max(version_) + toIntervalMicrosecond({step:UInt32})
    )
FROM
(
    SELECT
        sipHash64(customer) AS customer_,
        multiIf(kind IN ('conversion', 'repeat_purchase'), 'repeat_rate', kind IN ('renewal', 'churn'), 'retention',
                toString(kind)) AS metric_,
        toString(kind) AS kind_,
        toStartOfMinute(occurred_at) AS minute_, touchpoint, segment, region,
        count() AS n_, toDateTime64(0, 6, 'UTC') AS version_, false AS is_shown_
    FROM events FINAL
    WHERE toStartOfMinute(occurred_at) IN ($minutes)
        AND occurred_at >= {first:DateTime64(3, 'UTC')} AND occurred_at < {last:DateTime64(3, 'UTC')}
        AND kind IN ('nps', 'csat', 'ces', 'conversion', 'repeat_purchase', 'renewal', 'churn') AND customer != ''
    GROUP BY customer_, metric_, kind_, minute_, touchpoint, segment, region
    UNION ALL
    SELECT
        customer, toString(metric), toString(kind), minute, touchpoint, segment, region,
        0, refreshed_at, n > 0
    FROM answers FINAL
    WHERE minute IN ($minutes)
        AND minute >= {first:DateTime('UTC')} AND minute < {last:DateTime('UTC')}
)
GROUP BY customer_, metric_, kind_, minute_, touchpoint, segment, region
HAVING sum(n_) > 0 OR max(is_shown_)
SETTINGS max_bytes_before_external_group_by = 536870912
