-- The same of closed days, read by day. One factor carries a day's sum from the day's end to the instant; squared
-- weights take its square.
SELECT
    owners, kind,
    toUnixTimestamp(min(first_minute)) AS first_s,
    toUnixTimestamp(max(last_minute)) AS last_s,
    sumIf(n, w_short > 0) AS short_n,
    sumIf(n, w_long > 0) AS long_n,
    sum(w_short * days.short_w) AS short_w,
    sum(w_short * w_short * days.short_w2) AS short_w2,
    sum(w_short * w_short * days.short_trials) AS short_trials,
    sum(w_short * days.short_sizes) AS short_sizes,
    sum(w_short * days.short_promoters) AS short_promoters,
    sum(w_short * days.short_detractors) AS short_detractors,
    sum(w_short * days.short_satisfied) AS short_satisfied,
    sum(w_short * days.short_score) AS short_score,
    sum(w_short * days.short_score_sq) AS short_score_sq,
    sum(w_long * days.long_w) AS long_w,
    sum(w_long * w_long * days.long_w2) AS long_w2,
    sum(w_long * w_long * days.long_trials) AS long_trials,
    sum(w_long * days.long_sizes) AS long_sizes,
    sum(w_long * days.long_promoters) AS long_promoters,
    sum(w_long * days.long_detractors) AS long_detractors,
    sum(w_long * days.long_satisfied) AS long_satisfied,
    sum(w_long * days.long_score) AS long_score,
    sum(w_long * days.long_score_sq) AS long_score_sq
FROM $days AS days
GROUP BY owners, kind
