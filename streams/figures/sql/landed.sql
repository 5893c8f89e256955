-- Copies count: it is asked only whether there are any.
SELECT count() AS facts, countIf(occurred_at < toDateTime({before:UInt32}, 'UTC')) AS earlier FROM events
