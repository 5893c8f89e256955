SELECT metric, count() AS n
FROM drift FINAL
WHERE withdrawn = 0 AND state != 'calm'
    AND at >= toDateTime64({since:Float64}, 3, 'UTC') AND at < toDateTime64({until:Float64}, 3, 'UTC')
GROUP BY metric
ORDER BY metric
