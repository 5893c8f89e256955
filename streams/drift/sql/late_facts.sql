-- Facts of before an instant that have landed since another.
SELECT count() AS facts
FROM events
WHERE occurred_at < toDateTime({before:UInt32}, 'UTC') AND ingested_at >= {since:DateTime64(6, 'UTC')}
