-- Some folded days, with the factors that carry their sums from the day's end to the instant.
(
    SELECT
        *,
        toUInt16(day) AS day_number,
        toUInt32(day_number) * 86400 AS starts,
        {at:Float64} - starts AS age,
        if(age < {counted:Float64} * {short_s:Float64}, exp2(-(age - 86400) / {short_s:Float64}), 0) AS w_short,
        if(age < {counted:Float64} * {long_s:Float64}, exp2(-(age - 86400) / {long_s:Float64}), 0) AS w_long,
        arrayCount(b -> b <= starts, {boundaries:Array(Int64)}) AS ownership_period,
        $place AS place, $segment AS segment_number, $region AS region_number
    FROM day_cells FINAL
    WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND n > 0 AND ($spans)
)
