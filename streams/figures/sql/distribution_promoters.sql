-- How people answered NPS: detractors, passives and promoters (0, 1, 2), by whom they count for and by stretch of the
-- period.
WITH $owner_of
SELECT
    kind, stretch, answer,
    owner_of(line_begins + minute_at_s) AS owner,
    sum(observed) AS observations
FROM
(
    SELECT
        kind, toUInt32(toUnixTimestamp(minute)) AS minute_at_s,
        toUInt16(arrayCount(b -> b <= minute_at_s, [$stretches])) AS stretch,
        $line AS line_begins,
        [detractors, passives, promoters] AS counts
    FROM cells FINAL
    WHERE n > 0 AND kind = 'nps' AND minute >= {first:DateTime('UTC')} AND minute < {last:DateTime('UTC')}
)
ARRAY JOIN counts AS observed, CAST([0, 1, 2], 'Array(UInt8)') AS answer
WHERE observed > 0
GROUP BY kind, stretch, answer, owner
