-- How many events were rejected in a period and have not gone through again, by reason; the most frequent first.
SELECT reason, count() AS events, max(rejected_at) AS last_at
FROM rejected_latest
WHERE rejected_at >= {since:DateTime64(6, 'UTC')} AND rejected_at < {until:DateTime64(6, 'UTC')}
GROUP BY reason
ORDER BY events DESC, reason
