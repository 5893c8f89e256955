-- Instants whose recorded figures lack facts of minutes that were over then, the newest first. Where it is not known
-- what figures reflect, it is what had landed so many seconds after their instant.
SELECT saved.at AS at
FROM
(
    SELECT
        1 AS one,
        at,
        max(reflects) AS known,
        if(toUnixTimestamp64Micro(known) > 0, known, at + toIntervalSecond({recorded_after_s:UInt32})) AS upto
    FROM balances
    WHERE edition = {edition:UInt8}
    GROUP BY at
) AS saved
ASOF INNER JOIN
(
    SELECT
        1 AS one,
        over_at,
        max(landed) OVER (ORDER BY over_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS latest
    FROM
    (
        SELECT
            toDateTime64(toStartOfMinute(occurred_at) + toIntervalMinute(1), 3, 'UTC') AS over_at,
            max(ingested_at) AS landed
        FROM events
        GROUP BY over_at
    )
) AS facts ON saved.one = facts.one AND saved.at >= facts.over_at
WHERE facts.latest > saved.upto
ORDER BY at DESC
