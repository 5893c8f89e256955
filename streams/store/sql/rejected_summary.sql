-- How many events were rejected and have not gone through again, by reason and where they came from; the most first.
SELECT reason, topic, partition, count() AS events, min(rejected_at) AS first_at, max(rejected_at) AS last_at
FROM rejected_latest
GROUP BY reason, topic, partition
ORDER BY events DESC, reason, topic, partition
LIMIT {limit:UInt32}
