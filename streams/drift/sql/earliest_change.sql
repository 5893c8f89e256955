SELECT min(toUnixTimestamp(minute)) AS minute_s, count() AS cells
FROM cells
WHERE refreshed_at >= {since:DateTime64(6, 'UTC')}
