-- Some folded days, with the factors that carry their sums from the day's end to the instant. Left out is what changes
-- its owner within the day. Places are chosen before FINAL, for versions of a row have the same touchpoint: other
-- columns are read of these alone.
(
    WITH $owner_of
    SELECT
        *,
        owner_of(day_begins) AS owners
    FROM
    (
        SELECT
            *,
            toUInt16(day) AS day_number,
            toUInt32(day_number) * 86400 AS starts,
            {at:Float64} - starts AS age,
            if(age < {counted:Float64} * {short_s:Float64}, exp2(-(age - 86400) / {short_s:Float64}), 0) AS w_short,
            if(age < {counted:Float64} * {long_s:Float64}, exp2(-(age - 86400) / {long_s:Float64}), 0) AS w_long,
            ($cut) AS is_cut,
            $line AS line_begins,
            line_begins + starts AS day_begins
        FROM day_cells FINAL
        PREWHERE ($places)
        WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND n > 0 AND ($spans)
    )
    WHERE NOT is_cut OR roundDown(day_begins, period_starts) = roundDown(day_begins + 86399, period_starts)
)
