-- What a trend reads, by what is told apart, of what counts at some instant.
SELECT
    value_number, sum(n) AS observations
FROM $parts
WHERE notEmpty($courses[course])
GROUP BY value_number
