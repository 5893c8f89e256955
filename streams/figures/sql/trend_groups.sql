-- What a trend reads, by ownership period and by what is told apart besides.
SELECT
    group_key, period, value_number, sum(n) AS observations
FROM $parts
GROUP BY group_key, period, value_number
