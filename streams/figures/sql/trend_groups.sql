-- What a trend reads, by whom it counts for and by what is told apart besides.
SELECT
    group_key, owner, value_number, sum(n) AS observations
FROM $parts
GROUP BY group_key, owner, value_number
