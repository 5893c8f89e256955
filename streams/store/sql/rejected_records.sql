-- Records of a partition that are on the list of rejected events.
SELECT offset, reason
FROM rejected FINAL
WHERE topic = {topic:String} AND partition = {partition:Int32} AND offset BETWEEN {first:Int64} AND {last:Int64}
    AND resolved_at IS NULL AND rejected_at >= {since:DateTime64(3, 'UTC')}
