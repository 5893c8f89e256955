-- How many customers have several observations of a metric, of those asked.
SELECT view, owner, metric, count() AS customers
FROM (SELECT view, owner, metric, customer FROM $answers GROUP BY view, owner, metric, customer HAVING sum(n) > 1)
GROUP BY view, owner, metric
