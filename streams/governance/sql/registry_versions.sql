-- Versions of the registry under which facts of a period were attributed. Of facts alone, so that the report is a
-- function of them.
SELECT registry_version AS version, min(occurred_at) AS first_at
FROM events FINAL
WHERE occurred_at >= toDateTime64({since:Float64}, 3, 'UTC') AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
GROUP BY version
ORDER BY first_at, version
