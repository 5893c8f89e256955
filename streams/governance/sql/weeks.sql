-- Tallies of each week from Monday on, UTC, by what an owner may depend on.
SELECT
    toString(kind) AS event_kind,
    sum(n) AS sum_n,
    sum(sum_count) AS sum_counted,
    sum(promoters) AS sum_promoters,
    sum(detractors) AS sum_detractors,
    sum(satisfied) AS sum_satisfied,
    sum(sum_score) AS sum_scores,
    intDiv(toUnixTimestamp(minute) - {monday:UInt32}, {width:UInt32}) AS week,
    $place AS place, $segment AS segment_number, $region AS region_number
FROM cells FINAL
WHERE n > 0 AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
GROUP BY week, event_kind, place, segment_number, region_number
