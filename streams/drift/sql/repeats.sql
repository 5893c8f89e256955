-- Answers but the first of a customer at a touchpoint on a day of UTC, by minute: of those that resemble each other
-- most, detection takes one. An answer without a customer is one of its own. By the owner at the time.
WITH $owner_of
SELECT
    event_kind,
    count() AS sum_n,
    sum(count) AS sum_counted,
    countIf(event_kind = 'nps' AND score >= 9) AS sum_promoters,
    countIf(event_kind = 'nps' AND score <= 6) AS sum_detractors,
    countIf(event_kind = 'csat' AND score >= 4) AS sum_satisfied,
    sum(ifNull(score, 0)) AS sum_scores,
    owner_of(line_begins + minute_s) AS owner,
    minute_s
FROM
(
    SELECT
        $line AS line_begins,
        toString(kind) AS event_kind,
        toUnixTimestamp(toStartOfMinute(occurred_at)) AS minute_s,
        score,
        count,
        row_number() OVER (
            PARTITION BY kind, touchpoint, customer, toDate(occurred_at)
            ORDER BY occurred_at, source, event_id
        ) AS turn
    FROM events FINAL
    WHERE kind IN {kinds:Array(String)} AND customer != ''
        AND occurred_at >= toDateTime({since:UInt32}, 'UTC') AND occurred_at < toDateTime({until:UInt32}, 'UTC')
)
WHERE turn > 1
GROUP BY owner, minute_s, event_kind
