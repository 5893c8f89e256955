-- The same of minutes, cut where an instant or the begin of its window comes between them: each part of a day counts as
-- a whole or not at all, at every instant. Sums are carried to the day's end as well.
(
    SELECT
        $key AS group_key, place, segment_number, region_number, kind, day_number,
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
            arrayCount(b -> b <= minute_at_s, {boundaries:Array(Int64)}) AS ownership_period,
            $place AS place, $segment AS segment_number, $region AS region_number
        FROM cells FINAL
        WHERE n > 0 AND minute_at_s <= {until:Float64} AND ($minutes) AND has({kinds:Array(String)}, toString(kind))
    )
)
