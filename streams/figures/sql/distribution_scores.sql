-- How people answered CSAT and CES, by what ownership rules can tell apart and by stretch of the period. Cells hold no
-- counts of single scores, and so they are counted from facts.
SELECT
    place, segment_number, region_number, kind, stretch, toUInt8(score_ - 1) AS answer,
    min(minute_at_s) AS first_minute_s, count() AS observations
FROM
(
    SELECT
        kind, ifNull(score, 1) AS score_, toUInt32(toUnixTimestamp(toStartOfMinute(occurred_at))) AS minute_at_s,
        toUInt16(arrayCount(b -> b <= minute_at_s, [$stretches])) AS stretch,
        arrayCount(b -> b <= minute_at_s, {boundaries:Array(Int64)}) AS ownership_period,
        $place AS place, $segment AS segment_number, $region AS region_number
    FROM events FINAL
    WHERE occurred_at >= {first:DateTime64(3, 'UTC')} AND occurred_at < {last:DateTime64(3, 'UTC')}
        AND has({kinds:Array(String)}, toString(kind))
)
GROUP BY ownership_period, place, segment_number, region_number, kind, stretch, answer
