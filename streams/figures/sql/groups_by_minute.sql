-- Decayed sums of the cells up to an instant, read by minute.
SELECT
    arrayCount(b -> b <= minute_at_s, {boundaries:Array(Int64)}) AS ownership_period,
    $place AS place, $segment AS segment_number, $region AS region_number, kind,
    min(minute_at_s) AS minute_s,
    sumIf(c, w_short > {negligible:Float64}) AS short_n,
    sumIf(c, w_long > {negligible:Float64}) AS long_n,
    sum(w_short * c) AS short_w,
    sum(w_short * w_short * c) AS short_w2,
    sum(w_short * promoters) AS short_promoters,
    sum(w_short * detractors) AS short_detractors,
    sum(w_short * satisfied) AS short_satisfied,
    sum(w_short * sum_score) AS short_score,
    sum(w_short * sum_score_sq) AS short_score_sq,
    sum(w_long * c) AS long_w,
    sum(w_long * w_long * c) AS long_w2,
    sum(w_long * promoters) AS long_promoters,
    sum(w_long * detractors) AS long_detractors,
    sum(w_long * satisfied) AS long_satisfied,
    sum(w_long * sum_score) AS long_score,
    sum(w_long * sum_score_sq) AS long_score_sq
FROM
(
    SELECT
        *,
        toUnixTimestamp(minute) AS minute_at_s,
        if(kind IN ('awareness', 'visit'), sum_count, n) AS c,
        exp2(-({at:Float64} - minute_at_s) / {short_s:Float64}) AS w_short,
        exp2(-({at:Float64} - minute_at_s) / {long_s:Float64}) AS w_long
    FROM cells FINAL
    WHERE n > 0 AND minute_at_s <= {at:Float64} AND ($spans)
)
GROUP BY ownership_period, place, segment_number, region_number, kind
