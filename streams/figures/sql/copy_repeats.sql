-- All answers of those customers with answers in some minutes who have several of one metric, or once had. Of whom a
-- mark (mark_copied) says that all are there, those of the minutes alone: a long history would be copied with each part
-- of it.
INSERT INTO repeat_answers (customer, metric, kind, minute, touchpoint, segment, region, n, refreshed_at)
WITH $touched_and_copied
SELECT customer, metric, kind, minute, touchpoint, segment, region, n, refreshed_at
FROM answers FINAL
WHERE minute IN ($minutes) AND minute >= {first:DateTime('UTC')} AND minute < {last:DateTime('UTC')}
    AND (customer, metric) IN (SELECT * FROM copied)
UNION ALL
SELECT customer, metric, row.1, row.2, row.3, row.4, row.5, row.6, row.7
FROM
(
    SELECT customer, metric, groupArray((kind, minute, touchpoint, segment, region, n, refreshed_at)) AS rows
    FROM answers FINAL
    WHERE (customer, metric) IN (SELECT * FROM touched WHERE (customer, metric) NOT IN (SELECT * FROM copied))
    GROUP BY customer, metric
    HAVING count() > 1 OR sum(n) > 1
        OR (customer, metric) IN
        (
            SELECT customer, metric
            FROM repeat_answers
            WHERE (customer, metric) IN (SELECT * FROM touched WHERE (customer, metric) NOT IN (SELECT * FROM copied))
        )
)
ARRAY JOIN rows AS row
SETTINGS max_bytes_before_external_group_by = 536870912
