-- By how much the end of the day before, carried to the instant, differs from what is true at the instant: of customers
-- for whom something has changed, what they add now less what they would add had nothing come or gone.
SELECT
    view, owner, metric,
    sum(short_now * short_now - short_now_squares - short_was * short_was + short_was_squares) AS short_change,
    sum(long_now * long_now - long_now_squares - long_was * long_was + long_was_squares) AS long_change
FROM
(
    SELECT
        view, owner, metric, customer,
        sum(n * w_short) AS short_now, sum(n * w_short * w_short) AS short_now_squares,
        sum(n * w_long) AS long_now, sum(n * w_long * w_long) AS long_now_squares,
        sum(n * was_short) AS short_was, sum(n * was_short * was_short) AS short_was_squares,
        sum(n * was_long) AS long_was, sum(n * was_long * was_long) AS long_was_squares
    FROM $answers
    WHERE customer <= transform($bucket, [$sampled], [$last_customers], {all:UInt64})
    GROUP BY view, owner, metric, customer
    HAVING sum(n) > 1
)
GROUP BY view, owner, metric
