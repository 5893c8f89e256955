-- Of the touchpoints that are not known, those with the most facts; of equals, the first by name.
SELECT toString(touchpoint) AS name
FROM events FINAL
WHERE touchpoint != '' AND $number <= {last_unknown:UInt32}
    AND occurred_at >= toDateTime64({since:Float64}, 3, 'UTC') AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
GROUP BY name
ORDER BY count() DESC, name
LIMIT {limit:UInt32}
