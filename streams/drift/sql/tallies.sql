-- Tallies of combinations over a whole time, by the owner at the time.
WITH $owner_of
SELECT
    toString(kind) AS event_kind,
    sum(n) AS sum_n,
    sum(sum_count) AS sum_counted,
    sum(promoters) AS sum_promoters,
    sum(detractors) AS sum_detractors,
    sum(satisfied) AS sum_satisfied,
    sum(sum_score) AS sum_scores,
    place, segment_number, region_number,
    owner_of(line_begins + minute_at_s) AS owner
FROM
(
    SELECT
        *, toUnixTimestamp(minute) AS minute_at_s, $line AS line_begins,
        $place AS place, $segment AS segment_number, $region AS region_number
    FROM cells FINAL
    WHERE n > 0 AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
        AND kind IN {kinds:Array(String)}
)
GROUP BY place, segment_number, region_number, event_kind, owner
