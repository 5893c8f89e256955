-- Touchpoints that the registry does not declare, in facts of a time, by source: those of most events first.
-- Copies that FINAL hides count as well: cheaper, and a list of names needs no more.
SELECT
    source, touchpoint AS name, count() AS events, min(e.occurred_at) AS first_at, max(e.occurred_at) AS last_at
FROM events AS e
WHERE touchpoint != '' AND $number <= {last_unknown:UInt32}
    AND e.occurred_at >= toDateTime64({since:UInt32}, 3, 'UTC')
    AND e.occurred_at < toDateTime64({until:UInt32}, 3, 'UTC')
GROUP BY source, name
ORDER BY events DESC, source, name
LIMIT {limit:UInt32}
