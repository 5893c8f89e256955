-- The same of closed days, read by day. One factor carries a day's sum from the day's end to the instant; squared
-- weights take its square.
SELECT
    arrayCount(b -> b <= starts, {boundaries:Array(Int64)}) AS ownership_period,
    $place AS place, $segment AS segment_number, $region AS region_number, kind,
    toUnixTimestamp(min(first_minute)) AS minute_s,
    sumIf(n, age < {counted:Float64} * {short_s:Float64}) AS short_n,
    sumIf(n, age < {counted:Float64} * {long_s:Float64}) AS long_n,
    sum(w_short * days.short_w) AS short_w,
    sum(w_short * w_short * days.short_w2) AS short_w2,
    sum(w_short * days.short_promoters) AS short_promoters,
    sum(w_short * days.short_detractors) AS short_detractors,
    sum(w_short * days.short_satisfied) AS short_satisfied,
    sum(w_short * days.short_score) AS short_score,
    sum(w_short * days.short_score_sq) AS short_score_sq,
    sum(w_long * days.long_w) AS long_w,
    sum(w_long * w_long * days.long_w2) AS long_w2,
    sum(w_long * days.long_promoters) AS long_promoters,
    sum(w_long * days.long_detractors) AS long_detractors,
    sum(w_long * days.long_satisfied) AS long_satisfied,
    sum(w_long * days.long_score) AS long_score,
    sum(w_long * days.long_score_sq) AS long_score_sq
FROM
(
    SELECT
        *,
        toUInt16(day) AS day_number,
        toUInt32(day_number) * 86400 AS starts,
        {at:Float64} - starts AS age,
        exp2(-(age - 86400) / {short_s:Float64}) AS w_short,
        exp2(-(age - 86400) / {long_s:Float64}) AS w_long
    FROM day_cells FINAL
    WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND n > 0 AND ($spans)
) AS days
GROUP BY ownership_period, place, segment_number, region_number, kind
