-- What invitations and answers of a time are about, apart for each ownership period.
SELECT
    $place AS place, $segment AS segment_number, $region AS region_number, toString(kind) AS event_kind,
    min(toUnixTimestamp(minute)) AS minute_s,
    cityHash64(
        place, segment_number, region_number, event_kind,
        arrayCount(b -> b <= toUnixTimestamp(minute), {boundaries:Array(Int64)}) AS ownership_period
    ) AS combination
FROM cells FINAL
WHERE n > 0 AND kind IN ('nps', 'csat', 'ces', 'survey_sent')
    AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
GROUP BY place, segment_number, region_number, event_kind, ownership_period
