-- What cells of a time are about, each combination with the number that other statements call it by.
SELECT DISTINCT
    $place AS place, $segment AS segment_number, $region AS region_number, kind,
    cityHash64(place, segment_number, region_number, toString(kind)) AS combination
FROM cells
WHERE n > 0 AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
ORDER BY combination
