-- Minutes whose cells count more facts than there are.
SELECT toUnixTimestamp(minute) AS minute_s
FROM
(
    SELECT toStartOfMinute(occurred_at) AS minute, toInt64(count()) AS facts
    FROM events FINAL
    WHERE kind != 'note'
    GROUP BY minute
    UNION ALL
    SELECT minute, -toInt64(sum(n)) FROM cells FINAL GROUP BY minute
)
GROUP BY minute
HAVING sum(facts) < 0
ORDER BY minute_s
