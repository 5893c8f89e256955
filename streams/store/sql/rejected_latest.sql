SELECT rejected_at, reason, detail, topic, partition, offset, payload
FROM rejected_latest
WHERE {reason:String} IN ('', reason)
    AND (
        {contains:String} = ''
        OR positionCaseInsensitiveUTF8(detail, {contains:String}) > 0
        OR positionCaseInsensitiveUTF8(payload, {contains:String}) > 0
    )
ORDER BY rejected_at DESC, partition DESC, offset DESC
LIMIT {limit:UInt32}
