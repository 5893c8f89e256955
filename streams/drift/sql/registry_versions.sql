-- Versions of the registry whose first figures were saved in a time. Those of the ends of days may be written later.
SELECT registry_version AS version, min(at) AS first_at
FROM balances
WHERE at != toStartOfDay(at)
GROUP BY registry_version
HAVING first_at >= {since:DateTime64(3, 'UTC')} AND first_at <= {until:DateTime64(3, 'UTC')}
ORDER BY first_at
