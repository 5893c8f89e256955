-- Minutes of a time that have facts, or cells.
SELECT DISTINCT toUnixTimestamp(minute) AS minute_s
FROM
(
    SELECT toStartOfMinute(occurred_at) AS minute
    FROM events
    WHERE occurred_at >= {first:DateTime64(3, 'UTC')} AND occurred_at < {last:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT minute
    FROM cells
    WHERE minute >= {first:DateTime64(3, 'UTC')} AND minute < {last:DateTime64(3, 'UTC')}
)
ORDER BY minute_s
