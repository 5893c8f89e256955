-- The same of minutes, cut where an instant or the begin of its window comes between them: each part of a day counts as
-- a whole or not at all, at every instant. Sums are carried to the day's end as well.
(
    WITH $owner_of
    SELECT
        course, value_number, kind, day_number,
        roundDown(minute_at_s, [$cuts]) AS part, c AS n, minute_at_s AS first_s, minute_at_s AS last_s,
        weight * c AS w, weight * weight * c_sq AS w2, weight * weight * c AS trials, weight * c_sq AS sizes,
        weight * promoters_ AS promoters, weight * detractors_ AS detractors, weight * satisfied_ AS satisfied,
        weight * sum_score AS score, weight * sum_score_sq AS score_sq
    FROM
    (
        SELECT
            kind, toUnixTimestamp(minute) AS minute_at_s, intDiv(minute_at_s, 86400) AS day_number,
            if(kind IN ('awareness', 'visit'), sum_count, n) AS c,
            if(kind IN ('awareness', 'visit'), sum_count_sq, toFloat64(n)) AS c_sq,
            promoters AS promoters_, detractors AS detractors_, satisfied AS satisfied_, sum_score, sum_score_sq,
            exp2(-((day_number + 1) * 86400 - minute_at_s) / {half_life:Float64}) AS weight,
            $line AS line_begins,
            line_begins + intDiv(minute_at_s, 86400) * 86400 AS day_begins,
            owner_of(line_begins + minute_at_s) AS course,
            toUInt32($value) AS value_number
        FROM cells FINAL
        WHERE n > 0 AND minute_at_s <= {until:Float64}
            AND
            (
                ($minutes)
                OR (
                    ($cut_minutes)
                    AND roundDown(day_begins, period_starts) != roundDown(day_begins + 86399, period_starts)
                )
            )
            AND has({kinds:Array(String)}, toString(kind))
    )
)
