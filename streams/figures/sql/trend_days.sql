-- Folded days of some kinds, by whom they count for. Left out is what changes its owner within the day. Sums have
-- decayed until the day's end.
(
    WITH $owner_of
    SELECT
        course, value_number, kind, day_number, toUInt32(0) AS part,
        n_ AS n,
        first_minute_s AS first_s, last_minute_s AS last_s, w_ AS w, w2_ AS w2, trials_ AS trials, sizes_ AS sizes,
        promoters_ AS promoters, detractors_ AS detractors, satisfied_ AS satisfied, score_ AS score,
        score_sq_ AS score_sq
    FROM
    (
        SELECT
            kind, toUInt32(toUInt16(day)) AS day_number, day_number * 86400 AS starts, n AS n_,
            toUnixTimestamp(first_minute) AS first_minute_s, toUnixTimestamp(last_minute) AS last_minute_s,
            toFloat64($w) AS w_, toFloat64($w2) AS w2_, toFloat64($trials) AS trials_, toFloat64($sizes) AS sizes_,
            toFloat64($promoters) AS promoters_, toFloat64($detractors) AS detractors_,
            toFloat64($satisfied) AS satisfied_, toFloat64($score) AS score_, toFloat64($score_sq) AS score_sq_,
            $line AS line_begins,
            line_begins + starts AS day_begins,
            owner_of(day_begins) AS course,
            toUInt32($value) AS value_number
        FROM day_cells FINAL
        WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND n > 0 AND ($days)
            AND (
                NOT ($cut_days)
                OR roundDown(day_begins, period_starts) = roundDown(day_begins + 86399, period_starts)
            )
            AND has({kinds:Array(String)}, toString(kind))
    )
)
