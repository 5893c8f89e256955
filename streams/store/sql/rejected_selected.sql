SELECT topic, partition, offset, fingerprint, reason
FROM rejected_latest
WHERE {reason:String} IN ('', reason)
    AND rejected_at >= {since:DateTime64(3, 'UTC')} AND rejected_at < {until:DateTime64(3, 'UTC')}
    AND {partition:Int32} IN (-1, partition)
    AND offset BETWEEN {first:Int64} AND {last:Int64}
