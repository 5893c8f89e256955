-- How many names of cells of a time are not known.
SELECT
    uniqExactIf(touchpoint, $place <= {last_unknown:UInt32}) AS touchpoints,
    uniqExactIf(segment, $segment = 0) AS segments,
    uniqExactIf(region, $region = 0) AS regions
FROM cells
WHERE n > 0
    AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
