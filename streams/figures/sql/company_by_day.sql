-- Weighted sums of some folded days by kind, whosever they are.
SELECT kind, groupArray(day_number) AS days, groupArray(w) AS short, groupArray(v) AS long
FROM
(
    SELECT
        kind,
        toUInt16(day) AS day_number,
        {at:Float64} - toUInt32(day_number) * 86400 AS age,
        if(age < {counted:Float64} * {short_s:Float64}, exp2(-(age - 86400) / {short_s:Float64}), 0) AS w_short,
        if(age < {counted:Float64} * {long_s:Float64}, exp2(-(age - 86400) / {long_s:Float64}), 0) AS w_long,
        w_short * sum(short_w) AS w,
        w_long * sum(long_w) AS v
    FROM day_cells FINAL
    WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND n > 0 AND ($spans)
        AND kind IN ('awareness', 'visit', 'conversion', 'referral')
    GROUP BY kind, day_number
)
GROUP BY kind
