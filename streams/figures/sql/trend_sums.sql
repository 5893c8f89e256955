-- Decayed sums at several instants: one factor carries each part of a day from the day's end to an instant; squared
-- weights take its square. Rows of one course count for the same at all instants: for a bucket, from the first to the
-- last instant of each of its runs. Sums by day are asked of volumes and conversion_rate only.
SELECT
    at_s, bucket, kind,
    sumIf(n, factor > 0) AS observations,
    sum(factor * w) AS sum_w,
    sum(factor * factor * w2) AS sum_w2,
    sum(factor * factor * trials) AS sum_trials,
    sum(factor * sizes) AS sum_sizes,
    sum(factor * promoters) AS sum_promoters,
    sum(factor * detractors) AS sum_detractors,
    sum(factor * satisfied) AS sum_satisfied,
    sum(factor * score) AS sum_score,
    sum(factor * score_sq) AS sum_score_sq,
    min(first_s) AS first_minute_s,
    max(last_s) AS last_minute_s,
    sumMapIf([day_number], [factor * w], by_day_too).1 AS days,
    sumMapIf([day_number], [factor * w], by_day_too).2 AS by_day
FROM
(
    SELECT
        *,
        run.1 + value_bucket AS bucket,
        arrayJoin(arraySlice([$instants], run.2, run.3 - run.2 + 1)) AS at_s,
        at_s - (day_number + 1) * 86400 AS after_day,
        if(at_s - first_s < {window:Float64}, exp2(-after_day / {half_life:Float64}), 0) AS factor,
        factor > 0 AND kind IN ('awareness', 'visit', 'conversion', 'referral') AS by_day_too
    FROM
    (
        SELECT
            arrayJoin($courses[course]) AS run,
            transform(value_number, [$values], [$value_buckets], 0) AS value_bucket, kind, day_number,
            sum(parts.n) AS n, min(parts.first_s) AS first_s, max(parts.last_s) AS last_s,
            sum(parts.w) AS w, sum(parts.w2) AS w2, sum(parts.trials) AS trials, sum(parts.sizes) AS sizes,
            sum(parts.promoters) AS promoters, sum(parts.detractors) AS detractors, sum(parts.satisfied) AS satisfied,
            sum(parts.score) AS score, sum(parts.score_sq) AS score_sq
        FROM $parts AS parts
        WHERE value_bucket > 0 AND notEmpty($courses[course])
        GROUP BY course, value_bucket, kind, day_number, part
    )
)
WHERE last_s + 60 <= at_s
GROUP BY at_s, bucket, kind
ORDER BY at_s, bucket, kind
