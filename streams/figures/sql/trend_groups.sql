-- What rules can tell apart, of all that a trend reads: any minute of each, by which its owner is known.
SELECT
    group_key, place, segment_number, region_number, kind, min(first_s) AS first_minute_s, sum(n) AS observations
FROM $parts
GROUP BY group_key, place, segment_number, region_number, kind
