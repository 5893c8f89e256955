-- All answers of those customers with answers in some minutes who have several of one metric, or once had.
INSERT INTO repeat_answers (customer, metric, kind, minute, touchpoint, segment, region, n, refreshed_at)
WITH touched AS
(
    SELECT DISTINCT customer
    FROM answers
    WHERE minute IN ($minutes) AND minute >= {first:DateTime('UTC')} AND minute < {last:DateTime('UTC')}
)
SELECT customer, metric, kind, minute, touchpoint, segment, region, n, refreshed_at
FROM answers FINAL
WHERE customer IN (SELECT customer FROM touched)
    AND (customer, metric) IN
    (
        SELECT customer, metric
        FROM answers FINAL
        WHERE customer IN (SELECT customer FROM touched)
        GROUP BY customer, metric
        HAVING count() > 1 OR sum(n) > 1
        UNION ALL
        SELECT customer, metric FROM repeat_answers WHERE customer IN (SELECT customer FROM touched)
    )
SETTINGS max_bytes_before_external_group_by = 536870912
