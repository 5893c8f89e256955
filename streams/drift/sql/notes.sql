-- Notes of a time, the newest so many. Which facts they are is read without FINAL, from the column of kinds alone.
SELECT
    occurred_at AS at,
    JSONExtractString(details, 'department') AS about,
    touchpoint,
    segment,
    region,
    JSONExtractString(details, 'text') AS text
FROM events FINAL
WHERE kind = 'note'
    AND (toStartOfMinute(occurred_at), source, event_id) IN (
        SELECT toStartOfMinute(occurred_at), source, event_id
        FROM events
        WHERE kind = 'note' AND occurred_at >= toDateTime64({since:Float64}, 3, 'UTC')
            AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
    )
    AND occurred_at >= toDateTime64({since:Float64}, 3, 'UTC')
    AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
ORDER BY at DESC, text
LIMIT {limit:UInt32}
