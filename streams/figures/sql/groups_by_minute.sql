-- Decayed sums of the cells up to an instant, read by minute; of volumes and what rates are made of also by day.
SELECT
    owners, kind,
    min(first_s_) AS first_s,
    max(last_s_) AS last_s,
    sum(short_n_) AS short_n,
    sum(long_n_) AS long_n,
    sum(short_w_) AS short_w,
    sum(short_w2_) AS short_w2,
    sum(short_trials_) AS short_trials,
    sum(short_sizes_) AS short_sizes,
    sum(short_promoters_) AS short_promoters,
    sum(short_detractors_) AS short_detractors,
    sum(short_satisfied_) AS short_satisfied,
    sum(short_score_) AS short_score,
    sum(short_score_sq_) AS short_score_sq,
    sum(long_w_) AS long_w,
    sum(long_w2_) AS long_w2,
    sum(long_trials_) AS long_trials,
    sum(long_sizes_) AS long_sizes,
    sum(long_promoters_) AS long_promoters,
    sum(long_detractors_) AS long_detractors,
    sum(long_satisfied_) AS long_satisfied,
    sum(long_score_) AS long_score,
    sum(long_score_sq_) AS long_score_sq,
    groupArrayIf(day_number, day_number > 0) AS days,
    groupArrayIf(short_w_, day_number > 0) AS short_daily,
    groupArrayIf(long_w_, day_number > 0) AS long_daily
FROM
(
    SELECT
        owners, kind,
        if(kind IN ('awareness', 'visit', 'conversion', 'referral'), intDiv(minute_at_s, 86400), 0) AS day_number,
        min(minute_at_s) AS first_s_,
        max(minute_at_s) AS last_s_,
        sumIf(c, w_short > 0) AS short_n_,
        sumIf(c, w_long > 0) AS long_n_,
        sum(w_short * c) AS short_w_,
        sum(w_short * w_short * c_sq) AS short_w2_,
        sum(w_short * w_short * c) AS short_trials_,
        sum(w_short * c_sq) AS short_sizes_,
        sum(w_short * promoters) AS short_promoters_,
        sum(w_short * detractors) AS short_detractors_,
        sum(w_short * satisfied) AS short_satisfied_,
        sum(w_short * sum_score) AS short_score_,
        sum(w_short * sum_score_sq) AS short_score_sq_,
        sum(w_long * c) AS long_w_,
        sum(w_long * w_long * c_sq) AS long_w2_,
        sum(w_long * w_long * c) AS long_trials_,
        sum(w_long * c_sq) AS long_sizes_,
        sum(w_long * promoters) AS long_promoters_,
        sum(w_long * detractors) AS long_detractors_,
        sum(w_long * satisfied) AS long_satisfied_,
        sum(w_long * sum_score) AS long_score_,
        sum(w_long * sum_score_sq) AS long_score_sq_
    FROM $cells
    GROUP BY owners, kind, day_number
)
GROUP BY owners, kind
