-- The cells up to an instant of some minutes, with their weights.
(
    SELECT
        *,
        toUnixTimestamp(minute) AS minute_at_s,
        {at:Float64} - minute_at_s AS age,
        if(kind IN ('awareness', 'visit'), sum_count, n) AS c,
        if(kind IN ('awareness', 'visit'), sum_count_sq, toFloat64(n)) AS c_sq,
        if(age < {counted:Float64} * {short_s:Float64}, exp2(-age / {short_s:Float64}), 0) AS w_short,
        if(age < {counted:Float64} * {long_s:Float64}, exp2(-age / {long_s:Float64}), 0) AS w_long,
        arrayCount(b -> b <= minute_at_s, {boundaries:Array(Int64)}) AS ownership_period,
        $place AS place, $segment AS segment_number, $region AS region_number
    FROM cells FINAL
    WHERE n > 0 AND minute_at_s <= {until:Float64} AND ($spans)
)
