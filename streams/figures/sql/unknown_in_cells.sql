-- Names that are not known, in cells of a time. Of cells that FINAL hides as well: cheaper, and it changes nothing.
SELECT DISTINCT toString($name) AS name
FROM cells
WHERE n > 0 AND $number <= {last_unknown:UInt32}
    AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
LIMIT {limit:UInt32}
