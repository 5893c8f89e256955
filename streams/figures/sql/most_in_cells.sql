-- Of the names that are not known, those with the most events; of equals, the first by name.
SELECT toString($name) AS name
FROM cells FINAL
WHERE n > 0 AND $number <= {last_unknown:UInt32}
    AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
GROUP BY name
ORDER BY sum(n) DESC, name
LIMIT {limit:UInt32}
