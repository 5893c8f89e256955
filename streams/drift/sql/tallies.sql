-- Tallies of combinations over a whole time, apart for each ownership period.
SELECT
    toString(kind) AS event_kind,
    sum(n) AS sum_n,
    sum(sum_count) AS sum_counted,
    sum(promoters) AS sum_promoters,
    sum(detractors) AS sum_detractors,
    sum(satisfied) AS sum_satisfied,
    sum(sum_score) AS sum_scores,
    min(toUnixTimestamp(minute)) AS minute_s,
    $place AS place, $segment AS segment_number, $region AS region_number
FROM cells FINAL
WHERE n > 0 AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
    AND kind IN {kinds:Array(String)}
GROUP BY
    place, segment_number, region_number, event_kind,
    arrayCount(b -> b <= toUnixTimestamp(minute), {boundaries:Array(Int64)})
