-- How people answered CSAT and CES, by whom they count for and by stretch of the period. Cells hold no counts of single
-- scores, and so they are counted from facts.
WITH $owner_of
SELECT
    kind, stretch, toUInt8(score_ - 1) AS answer,
    owner_of(line_begins + minute_at_s) AS owner,
    count() AS observations
FROM
(
    SELECT
        kind, ifNull(score, 1) AS score_, toUInt32(toUnixTimestamp(toStartOfMinute(occurred_at))) AS minute_at_s,
        toUInt16(arrayCount(b -> b <= minute_at_s, [$stretches])) AS stretch,
        $line AS line_begins
    FROM events FINAL
    WHERE occurred_at >= {first:DateTime64(3, 'UTC')} AND occurred_at < {last:DateTime64(3, 'UTC')}
        AND has({kinds:Array(String)}, toString(kind))
)
GROUP BY kind, stretch, answer, owner
