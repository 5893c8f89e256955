-- The answers of each customer, by bucket, and from when until when each counts there: no longer than a window, nor at
-- other instants than those of its run. What an old insert brings back of an erased person does not count.
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
    SELECT
        bucket, metric, customer, groupArray(n_) AS sizes, groupArray(minute_at_s) AS minutes,
        groupArray(toUInt32(greatest(minute_at_s + 60, [$instants][run.2]))) AS begins,
        groupArray(toUInt32(least(minute_at_s + {window_s:UInt32}, [$instants][run.3] + 1))) AS ends
    FROM
    (
        SELECT
            customer, metric, n_, minute_at_s,
            arrayJoin($courses[course]) AS run,
            transform(value_number, [$values], [$value_buckets], 0) AS value_bucket,
            run.1 + value_bucket AS bucket
        FROM
        (
            WITH $owner_of
            SELECT
                customer, metric, kind, n AS n_, toUnixTimestamp(minute) AS minute_at_s,
                $line AS line_begins,
                owner_of(line_begins + minute_at_s) AS course,
                toUInt32($value) AS value_number
            FROM repeat_answers FINAL
            WHERE n > 0 AND minute >= toDateTime({oldest:UInt32}, 'UTC') AND minute_at_s <= {until:Float64}
                AND customer <= {last_customer:UInt64} AND has({metrics:Array(String)}, toString(metric))
                AND minute_at_s >= transform(customer, forgotten.1, forgotten.2, toUInt32(0))
        )
        WHERE value_bucket > 0
    )
    GROUP BY bucket, metric, customer
    HAVING sum(n_) > 1
)
