SELECT count() AS n, toUnixTimestamp64Milli(max(occurred_at)) AS latest_ms
FROM events
WHERE customer IN {hashes:Array(String)}
