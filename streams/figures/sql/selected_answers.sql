-- The answers in the window of customers with several, once for each department that they count for: by owner then,
-- by owner at the instant, and for the company. What an old insert brings back of an erased person does not count.
-- was_short and was_long are the weights at the instant of those that counted at an earlier one, which is kept.
(
    WITH
    $owner_of,
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
        customer, metric, n, w_short, w_long, was_short, was_long, scope.1 AS view, scope.2 AS owner
    FROM
    (
        SELECT
            *,
            owner_of(line_begins + minute_at_s) AS owners
        FROM
        (
            SELECT
                *,
                toUnixTimestamp(minute) AS minute_at_s,
                {at:Float64} - minute_at_s AS age,
                if(age < {counted:Float64} * {short_s:Float64}, exp2(-age / {short_s:Float64}), 0) AS w_short,
                if(age < {counted:Float64} * {long_s:Float64}, exp2(-age / {long_s:Float64}), 0) AS w_long,
                minute_at_s + 60 <= {kept_at:Float64} AS was_there,
                {kept_at:Float64} - minute_at_s AS kept_age,
                if(was_there AND kept_age < {counted:Float64} * {short_s:Float64}, exp2(-age / {short_s:Float64}), 0)
                    AS was_short,
                if(was_there AND kept_age < {counted:Float64} * {long_s:Float64}, exp2(-age / {long_s:Float64}), 0)
                    AS was_long,
                $line AS line_begins
            FROM repeat_answers FINAL
            WHERE n > 0 AND minute >= toDateTime({oldest:UInt32}, 'UTC') AND minute_at_s <= {until:Float64}
                AND customer <= {last_customer:UInt64}
                AND minute_at_s >= transform(customer, forgotten.1, forgotten.2, toUInt32(0))
                AND $customers
        )
    )
    ARRAY JOIN
        [(toUInt8(0), toUInt32(0)), (1, toUInt32(intDiv(owners, 100000))), (2, toUInt32(owners % 100000))] AS scope
    WHERE w_short > 0 OR w_long > 0 OR was_short > 0 OR was_long > 0
)
