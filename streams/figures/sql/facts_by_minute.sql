-- How many facts some minutes hold, copies included: what a statement about them reads.
SELECT groupArray(minute) AS minutes, groupArray(facts) AS facts
FROM
(
    SELECT toUnixTimestamp(toStartOfMinute(occurred_at)) AS minute, count() AS facts
    FROM events
    WHERE toStartOfMinute(occurred_at) IN ($minutes)
        AND occurred_at >= {first:DateTime64(3, 'UTC')} AND occurred_at < {last:DateTime64(3, 'UTC')}
    GROUP BY minute
)
