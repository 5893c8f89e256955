-- Touchpoints that are not known, in facts of a time. Of copies as well, that FINAL hides: cheaper, and no difference.
SELECT DISTINCT toString(touchpoint) AS name
FROM events
WHERE touchpoint != '' AND $number <= {last_unknown:UInt32}
    AND occurred_at >= toDateTime64({since:Float64}, 3, 'UTC') AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
LIMIT {limit:UInt32}
