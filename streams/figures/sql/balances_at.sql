-- Which figures are recorded of an instant.
SELECT view, department, metric, term, horizon
FROM balances FINAL
WHERE at = {at:DateTime64(3, 'UTC')} AND edition > 0
