-- What the last refreshes have noted: each notes more than the one before.
SELECT max(noted) AS upto, argMax(finished, noted) AS finished_at, min(noted) AS earliest, count() AS refreshes
FROM (SELECT upto AS noted, finished_at AS finished FROM refreshes ORDER BY upto DESC LIMIT {notes:UInt32})
