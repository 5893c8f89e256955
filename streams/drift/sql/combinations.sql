-- What cells of a time are about, each combination with the number that other statements call it by.
SELECT DISTINCT
    touchpoint, segment, region, kind,
    cityHash64(touchpoint, segment, region, toString(kind)) AS combination
FROM cells
WHERE n > 0 AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
ORDER BY combination
