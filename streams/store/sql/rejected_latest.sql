SELECT rejected_at, reason, detail, topic, partition, offset, payload
FROM rejected_latest
WHERE {reason:String} IN ('', reason)
ORDER BY rejected_at DESC, partition DESC, offset DESC
LIMIT {limit:UInt32}
