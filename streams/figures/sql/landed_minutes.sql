-- Minutes in which facts have landed since a version, those in which they landed last first; and whether some are so
-- new that the next refresh looks at them in any case. At most so many of each.
SELECT
    toUnixTimestamp(toStartOfMinute(occurred_at)) AS minute_s,
    max(ingested_at) > {settled:DateTime64(6, 'UTC')} AS unsettled
FROM events
WHERE ingested_at >= {since:DateTime64(6, 'UTC')}
GROUP BY minute_s
ORDER BY max(ingested_at) DESC
LIMIT {most:UInt32} BY unsettled
