-- Tallies of minutes or hours, by the line of ownership that some combinations share.
SELECT
    toString(kind) AS event_kind,
    sum(n) AS sum_n,
    sum(sum_count) AS sum_counted,
    sum(promoters) AS sum_promoters,
    sum(detractors) AS sum_detractors,
    sum(satisfied) AS sum_satisfied,
    sum(sum_score) AS sum_scores,
    min(toUnixTimestamp(minute)) AS minute_s,
    transform(cityHash64($place, $segment, $region, toString(kind)), [$combinations], [$lines], 0) AS line,
    intDiv(toUnixTimestamp(minute), {width:UInt32}) * {width:UInt32} + {width:UInt32} AS end_s
FROM cells FINAL
WHERE n > 0 AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
    AND kind IN {kinds:Array(String)}
    AND cityHash64($place, $segment, $region, toString(kind)) IN ($combinations)
GROUP BY line, event_kind, end_s, arrayCount(b -> b <= toUnixTimestamp(minute), {boundaries:Array(Int64)})
