-- Scores of each touchpoint and day: how many, how many of the two lowest, and their satisfaction, 0..1.
WITH
    multiIf(kind = 'nps', (score - 0) / 10, kind = 'csat', (score - 1) / 4, kind = 'ces', (score - 1) / 6, NULL)
        AS satisfaction
SELECT
    $place AS place,
    intDiv(toUnixTimestamp(occurred_at), 86400) AS day,
    count() AS n,
    countIf((kind = 'nps' AND score < 2) OR (kind = 'csat' AND score < 3) OR (kind = 'ces' AND score < 3)) AS bad,
    sum(assumeNotNull(satisfaction)) AS total,
    sum(pow(assumeNotNull(satisfaction), 2)) AS squares
FROM events FINAL
WHERE score IS NOT NULL
    AND occurred_at >= toDateTime64({since:Float64}, 3, 'UTC')
    AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
GROUP BY place, day
ORDER BY ALL
