-- How people answered NPS: detractors, passives and promoters (0, 1, 2), by what ownership rules can tell apart and by
-- stretch of the period.
SELECT
    place, segment_number, region_number, kind, stretch, answer,
    min(minute_at_s) AS first_minute_s, sum(observed) AS observations
FROM
(
    SELECT
        kind, toUInt32(toUnixTimestamp(minute)) AS minute_at_s,
        toUInt16(arrayCount(b -> b <= minute_at_s, [$stretches])) AS stretch,
        arrayCount(b -> b <= minute_at_s, {boundaries:Array(Int64)}) AS ownership_period,
        $place AS place, $segment AS segment_number, $region AS region_number,
        [detractors, passives, promoters] AS counts
    FROM cells FINAL
    WHERE n > 0 AND kind = 'nps' AND minute >= {first:DateTime('UTC')} AND minute < {last:DateTime('UTC')}
)
ARRAY JOIN counts AS observed, CAST([0, 1, 2], 'Array(UInt8)') AS answer
WHERE observed > 0
GROUP BY ownership_period, place, segment_number, region_number, kind, stretch, answer
