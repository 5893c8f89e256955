-- The cells up to an instant of some minutes, with their weights and owners; of days whose other cells are read folded,
-- only those whose owner changes within the day.
(
    WITH $owner_of
    SELECT
        *,
        owner_of(line_begins + minute_at_s) AS owners
    FROM
    (
        SELECT
            *,
            toUnixTimestamp(minute) AS minute_at_s,
            {at:Float64} - minute_at_s AS age,
            if(kind IN ('awareness', 'visit'), sum_count, n) AS c,
            if(kind IN ('awareness', 'visit'), sum_count_sq, toFloat64(n)) AS c_sq,
            if(age < {counted:Float64} * {short_s:Float64}, exp2(-age / {short_s:Float64}), 0) AS w_short,
            if(age < {counted:Float64} * {long_s:Float64}, exp2(-age / {long_s:Float64}), 0) AS w_long,
            $line AS line_begins,
            line_begins + intDiv(minute_at_s, 86400) * 86400 AS day_begins
        FROM cells FINAL
        PREWHERE ($places)
        WHERE n > 0 AND minute_at_s <= {until:Float64} AND ($spans)
    )
    WHERE NOT {of_cut_days:UInt8}
        OR roundDown(day_begins, period_starts) != roundDown(day_begins + 86399, period_starts)
)
