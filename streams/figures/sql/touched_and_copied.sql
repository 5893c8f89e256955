-- Customers and metrics with answers in some minutes, and those of them that have a mark (mark_copied).
touched AS
(
    SELECT DISTINCT customer, metric
    FROM answers
    WHERE minute IN ($minutes) AND minute >= {first:DateTime('UTC')} AND minute < {last:DateTime('UTC')}
),
copied AS
(
    SELECT customer, metric
    FROM repeat_answers
    WHERE minute = toDateTime(0, 'UTC') AND touchpoint = '' AND (customer, metric) IN (SELECT * FROM touched)
)
