-- Where the lines of ownership begin of what has changed in some folded days since the fold that is known of each.
SELECT DISTINCT day_number AS day, line_begins
FROM
(
    SELECT
        toUInt16(day) AS day_number,
        $line AS line_begins
    FROM day_cells FINAL
    WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND ($spans)
        AND toUnixTimestamp64Micro(changed_at) > transform(day_number, [$changed], [$known], 0)
)
LIMIT {most:UInt64}
