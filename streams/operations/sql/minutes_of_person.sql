SELECT DISTINCT toUnixTimestamp(toStartOfMinute(occurred_at)) AS minute_s
FROM events
WHERE customer IN {hashes:Array(String)}
ORDER BY minute_s
