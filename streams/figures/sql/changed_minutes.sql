-- Minutes in which facts have landed since an instant; those since a later one apart.
SELECT groupArrayIf(minute, is_new) AS new, groupArrayIf(minute, NOT is_new) AS earlier
FROM
(
    SELECT
        toUnixTimestamp(toStartOfMinute(occurred_at)) AS minute,
        max(ingested_at) >= {new:DateTime64(6, 'UTC')} AS is_new
    FROM events
    WHERE ingested_at >= {since:DateTime64(6, 'UTC')}
    GROUP BY minute
)
