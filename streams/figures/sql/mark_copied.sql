-- A mark for each customer with answers in some minutes, and metric, of whom all answers have been copied
-- (copy_repeats): a row of nothing, at no touchpoint, at minute 0. It is read from the rows themselves, for a copy may
-- have been cut off, or may have been that of somebody who had not seen the answers of others yet. Whoever writes
-- answers after it copies them after it.
INSERT INTO repeat_answers (customer, metric, kind, minute, touchpoint, segment, region, n, refreshed_at)
WITH $touched_and_copied,
candidates AS
(
    SELECT customer, metric
    FROM repeat_answers
    WHERE (customer, metric) IN (SELECT * FROM touched WHERE (customer, metric) NOT IN (SELECT * FROM copied))
)
SELECT customer, metric, 'conversion', toDateTime(0, 'UTC'), '', '', '', 0, now64(6, 'UTC')
FROM
(
    SELECT
        customer, metric, true AS is_answer,
        cityHash64(kind, minute, touchpoint, segment, region, n, refreshed_at) AS contents
    FROM answers FINAL
    WHERE (customer, metric) IN (SELECT * FROM candidates)
    UNION ALL
    SELECT customer, metric, false, cityHash64(kind, minute, touchpoint, segment, region, n, refreshed_at)
    FROM repeat_answers FINAL
    WHERE (customer, metric) IN (SELECT * FROM candidates) AND touchpoint != ''
)
GROUP BY customer, metric
HAVING countIf(is_answer) = countIf(NOT is_answer) AND sumIf(contents, is_answer) = sumIf(contents, NOT is_answer)
SETTINGS max_bytes_before_external_group_by = 536870912
