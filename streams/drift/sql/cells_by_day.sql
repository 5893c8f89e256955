-- How many cells each day of UTC of a time has, copies included.
SELECT intDiv(toUnixTimestamp(minute), 86400) * 86400 AS day_s, count() AS cells
FROM cells
WHERE minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
GROUP BY day_s
ORDER BY day_s
