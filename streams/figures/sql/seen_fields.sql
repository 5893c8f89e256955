-- Unknown fields of a time, by source: those of most events first.
SELECT
    source, field AS name, toUInt64(sum(f.events)) AS events,
    toDateTime64(min(f.first_at), 3, 'UTC') AS first_at, toDateTime64(max(f.last_at), 3, 'UTC') AS last_at
FROM unknown_fields AS f
WHERE day >= toDate(toDateTime({since:UInt32}, 'UTC')) AND day <= toDate(toDateTime({until:UInt32}, 'UTC'))
GROUP BY source, name
HAVING max(f.last_at) >= toDateTime({since:UInt32}, 'UTC') AND min(f.first_at) < toDateTime({until:UInt32}, 'UTC')
ORDER BY events DESC, source, name
LIMIT {limit:UInt32}
