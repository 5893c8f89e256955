-- Cells of some days folded into sums that have decayed until the day's end.
-- The second half of the union puts a zero over each combination that the day no longer has, and knows what each had
-- before: what differs by rounding alone has not changed.
INSERT INTO day_cells (short_s, long_s, day, touchpoint, segment, region, kind, n, first_minute, last_minute,
    short_w, short_w2, short_trials, short_sizes, short_promoters, short_detractors, short_satisfied,
    short_score, short_score_sq,
    long_w, long_w2, long_trials, long_sizes, long_promoters, long_detractors, long_satisfied,
    long_score, long_score_sq, folded_at, changed_at)
WITH
    [
        toFloat64(sum(n_)), toUnixTimestamp(min(first_)), toUnixTimestamp(max(last_)),
        sum(short_w), sum(short_w2), sum(short_trials), sum(short_sizes), sum(short_promoters), sum(short_detractors),
        sum(short_satisfied), sum(short_score), sum(short_score_sq),
        sum(long_w), sum(long_w2), sum(long_trials), sum(long_sizes), sum(long_promoters), sum(long_detractors),
        sum(long_satisfied), sum(long_score), sum(long_score_sq)
    ] AS now,
    max(before_) AS before
SELECT
    {short_s:Float64}, {long_s:Float64}, day, touchpoint, segment, region, kind, sum(n_), min(first_), max(last_),
    sum(short_w), sum(short_w2), sum(short_trials), sum(short_sizes), sum(short_promoters), sum(short_detractors),
    sum(short_satisfied), sum(short_score), sum(short_score_sq),
    sum(long_w), sum(long_w2), sum(long_trials), sum(long_sizes), sum(long_promoters), sum(long_detractors),
    sum(long_satisfied), sum(long_score), sum(long_score_sq),
    {began:DateTime64(6, 'UTC')},
    if(
        empty(before) OR arrayExists((new, old) -> abs(new - old) > 1e-12 * abs(old), now, before),
        {began:DateTime64(6, 'UTC')}, max(changed_)
    )
FROM
(
    SELECT
        toDate(minute) AS day, touchpoint, segment, region, kind, sum(c) AS n_,
        min(minute) AS first_, max(minute) AS last_,
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
        sum(w_long * sum_score_sq) AS long_score_sq,
        CAST([] AS Array(Float64)) AS before_, toDateTime64(0, 6, 'UTC') AS changed_
    FROM
    (
        SELECT
            *,
            if(kind IN ('awareness', 'visit'), sum_count, n) AS c,
            if(kind IN ('awareness', 'visit'), sum_count_sq, toFloat64(n)) AS c_sq,
            (toUInt16(toDate(minute)) + 1) * 86400 - toUnixTimestamp(minute) AS age,
            exp2(-age / {short_s:Float64}) AS w_short,
            exp2(-age / {long_s:Float64}) AS w_long
        FROM cells FINAL
        WHERE n > 0 AND toDate(minute) IN {dates:Array(Date)}
    )
    GROUP BY day, touchpoint, segment, region, kind
    UNION ALL
    SELECT
        day, touchpoint, segment, region, kind, 0, toDateTime(4294967295, 'UTC'), toDateTime(0, 'UTC'),
        0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0,
        [
            toFloat64(n), toUnixTimestamp(first_minute), toUnixTimestamp(last_minute),
            day_cells.short_w, day_cells.short_w2, day_cells.short_trials, day_cells.short_sizes,
            day_cells.short_promoters, day_cells.short_detractors, day_cells.short_satisfied, day_cells.short_score,
            day_cells.short_score_sq, day_cells.long_w, day_cells.long_w2, day_cells.long_trials, day_cells.long_sizes,
            day_cells.long_promoters, day_cells.long_detractors, day_cells.long_satisfied, day_cells.long_score,
            day_cells.long_score_sq
        ], changed_at
    FROM day_cells FINAL
    WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND day IN {dates:Array(Date)} AND n > 0
)
GROUP BY day, touchpoint, segment, region, kind
SETTINGS max_bytes_before_external_group_by = 536870912
