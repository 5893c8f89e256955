-- The clock, and the greatest version of the rows of some rejected events, and of those between them.
SELECT now64(6, 'UTC') AS now, max(rejected_at) AS latest
FROM rejected
WHERE topic IN {topics:Array(String)} AND offset BETWEEN {first:Int64} AND {last:Int64}
SETTINGS max_threads = 1
