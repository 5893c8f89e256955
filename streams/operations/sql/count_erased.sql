SELECT count() AS n, toUnixTimestamp64Milli(max(erased_at)) AS latest_ms
FROM erased FINAL
WHERE customer IN {hashes:Array(String)}
