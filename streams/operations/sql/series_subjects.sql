-- Of what there were figures when they were recorded last: of the same there are series.
SELECT department, metric, term, horizon
FROM balances FINAL
WHERE view = 'as_was' AND edition > 0 AND at = (SELECT max(at) FROM balances)
