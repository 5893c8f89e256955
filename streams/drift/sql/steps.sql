-- Tallies of minutes or hours, by the owner at the time.
WITH $owner_of
SELECT
    toString(kind) AS event_kind,
    sum(n) AS sum_n,
    sum(sum_count) AS sum_counted,
    sum(promoters) AS sum_promoters,
    sum(detractors) AS sum_detractors,
    sum(satisfied) AS sum_satisfied,
    sum(sum_score) AS sum_scores,
    owner_of(line_begins + minute_at_s) AS owner,
    intDiv(minute_at_s, {width:UInt32}) * {width:UInt32} + {width:UInt32} AS end_s
FROM
(
    SELECT *, toUnixTimestamp(minute) AS minute_at_s, $line AS line_begins
    FROM cells FINAL
    WHERE n > 0 AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
        AND kind IN {kinds:Array(String)}
)
GROUP BY owner, event_kind, end_s
