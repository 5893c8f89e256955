-- The answers of each customer, put together as groups are. What an old insert brings back of an erased person does not
-- count.
(
    WITH
    (
        SELECT (groupArray(customer_), groupArray(until_s))
        FROM
        (
            SELECT toUInt64(0) AS customer_, toUInt32(0) AS until_s
            UNION ALL
            SELECT sipHash64(customer), toUnixTimestamp(toStartOfMinute(max(erased_at))) FROM erased GROUP BY customer
        )
    ) AS forgotten
    SELECT bucket, metric, customer, groupArray(n_) AS sizes, groupArray(minute_at_s) AS minutes
    FROM
    (
        SELECT
            customer, metric, kind, n AS n_, toUnixTimestamp(minute) AS minute_at_s,
            $line AS line_begins,
            transform(
                cityHash64(
                    transform(
                        roundDown(line_begins + minute_at_s, $period_starts),
                        $period_starts, $period_owners, toUInt64(0)
                    ),
                    toUInt32($value)
                ),
                [$keys], [$buckets], toUInt64(0)
            ) AS bucket
        FROM repeat_answers FINAL
        WHERE n > 0 AND minute >= toDateTime({oldest:UInt32}, 'UTC') AND minute_at_s <= {until:Float64}
            AND customer <= {last_customer:UInt64} AND has({metrics:Array(String)}, toString(metric))
            AND minute_at_s >= transform(customer, forgotten.1, forgotten.2, toUInt32(0))
    )
    WHERE bucket > 0
    GROUP BY bucket, metric, customer
    HAVING sum(n_) > 1
)
