-- Decayed sums of the cells up to an instant, read by minute.
SELECT
    $key AS group_key, ownership_period, place, segment_number, region_number, kind,
    min(minute_at_s) AS first_s,
    max(minute_at_s) AS last_s,
    sumIf(c, w_short > 0) AS short_n,
    sumIf(c, w_long > 0) AS long_n,
    sum(w_short * c) AS short_w,
    sum(w_short * w_short * c_sq) AS short_w2,
    sum(w_short * w_short * c) AS short_trials,
    sum(w_short * c_sq) AS short_sizes,
    sum(w_short * promoters) AS short_promoters,
    sum(w_short * detractors) AS short_detractors,
    sum(w_short * satisfied) AS short_satisfied,
    sum(w_short * sum_score) AS short_score,
    sum(w_short * sum_score_sq) AS short_score_sq,
    sum(w_long * c) AS long_w,
    sum(w_long * w_long * c_sq) AS long_w2,
    sum(w_long * w_long * c) AS long_trials,
    sum(w_long * c_sq) AS long_sizes,
    sum(w_long * promoters) AS long_promoters,
    sum(w_long * detractors) AS long_detractors,
    sum(w_long * satisfied) AS long_satisfied,
    sum(w_long * sum_score) AS long_score,
    sum(w_long * sum_score_sq) AS long_score_sq
FROM $cells
GROUP BY ownership_period, place, segment_number, region_number, kind
