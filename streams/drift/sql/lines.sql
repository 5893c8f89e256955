-- Which lines of ownership cells of a time follow, with their kinds.
SELECT DISTINCT line_begins, toString(kind) AS event_kind
FROM
(
    SELECT kind, $line AS line_begins
    FROM cells
    WHERE n > 0 AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
)
ORDER BY line_begins, event_kind
