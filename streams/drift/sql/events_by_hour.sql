-- That surveys are still sent is no sign of life of a touchpoint.
SELECT $place AS place, intDiv(toUnixTimestamp(minute), 3600) * 3600 + 3600 AS end_s, sum(n) AS events
FROM cells FINAL
WHERE n > 0 AND kind != 'survey_sent'
    AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
GROUP BY place, end_s
ORDER BY place, end_s
