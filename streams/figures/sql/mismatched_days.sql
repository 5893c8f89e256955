-- How many of some days have day cells that differ from what their cells give.
SELECT uniqExact(day) AS days
FROM
(
    SELECT day, touchpoint, segment, region, kind, sum(n_) AS n, sum(w_) AS w, sum(size_) AS size
    FROM
    (
        SELECT
            toDate(minute) AS day, touchpoint, segment, region, kind,
            toInt64(if(kind IN ('awareness', 'visit'), sum_count, n)) AS n_,
            n_ * exp2(-((toUInt16(toDate(minute)) + 1) * 86400 - toUnixTimestamp(minute)) / {short_s:Float64}) AS w_,
            w_ / n_ * if(kind IN ('awareness', 'visit'), sum_count_sq, toFloat64(n)) AS size_
        FROM cells FINAL
        WHERE n > 0 AND toDate(minute) IN {dates:Array(Date)}
        UNION ALL
        SELECT day, touchpoint, segment, region, kind, -toInt64(n), -short_w, -short_sizes
        FROM day_cells FINAL
        WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND day IN {dates:Array(Date)} AND n > 0
    )
    GROUP BY day, touchpoint, segment, region, kind
    HAVING n != 0 OR abs(w) > 1e-6 OR abs(size) > 1e-6 * (1 + abs(n))
)
