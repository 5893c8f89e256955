SELECT DISTINCT at
FROM balances
WHERE at >= {first:DateTime64(3, 'UTC')} AND at < {last:DateTime64(3, 'UTC')}
ORDER BY at
