-- All answers of those customers with answers in some minutes who have several of one metric, or once had. Read once:
-- what a customer has answered before is spread over all months.
INSERT INTO repeat_answers (customer, metric, kind, minute, touchpoint, segment, region, n, refreshed_at)
WITH touched AS
(
    SELECT DISTINCT customer
    FROM answers
    WHERE minute IN ($minutes) AND minute >= {first:DateTime('UTC')} AND minute < {last:DateTime('UTC')}
)
SELECT customer, metric, row.1, row.2, row.3, row.4, row.5, row.6, row.7
FROM
(
    SELECT customer, metric, groupArray((kind, minute, touchpoint, segment, region, n, refreshed_at)) AS rows
    FROM answers FINAL
    WHERE customer IN (SELECT customer FROM touched)
    GROUP BY customer, metric
    HAVING count() > 1 OR sum(n) > 1
        OR (customer, metric) IN
            (SELECT customer, metric FROM repeat_answers WHERE customer IN (SELECT customer FROM touched))
)
ARRAY JOIN rows AS row
SETTINGS max_bytes_before_external_group_by = 536870912
