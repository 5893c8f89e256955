-- What customers with several observations of a metric add to W2: the square of each one's sum of weights, less the sum
-- of their squares.
SELECT
    view, owner, metric,
    sum(short_sum * short_sum - short_squares) AS short_added,
    sum(long_sum * long_sum - long_squares) AS long_added
FROM
(
    SELECT
        view, owner, metric, customer,
        sum(n * w_short) AS short_sum, sum(n * w_short * w_short) AS short_squares,
        sum(n * w_long) AS long_sum, sum(n * w_long * w_long) AS long_squares
    FROM $answers
    WHERE customer <= transform($bucket, [$sampled], [$last_customers], {all:UInt64})
    GROUP BY view, owner, metric, customer
    HAVING sum(n) > 1
)
GROUP BY view, owner, metric
