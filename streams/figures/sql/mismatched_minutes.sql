-- Cells against a recount of their facts: which of some minutes differ.
SELECT arraySort(groupUniqArray(toUnixTimestamp(minute))) AS minutes
FROM
(
    SELECT
        minute, touchpoint, segment, region, kind,
        sum(sign * n_) AS n, sum(sign * score_) AS score, sum(sign * count_) AS counted
    FROM
    (
        SELECT
            toStartOfMinute(occurred_at) AS minute, touchpoint, segment, region, kind, 1 AS sign,
            toInt64(count()) AS n_, toInt64(sum(ifNull(score, 0))) AS score_, toInt64(sum(count)) AS count_
        FROM events FINAL
        WHERE kind != 'note' AND toStartOfMinute(occurred_at) IN ($minutes)
            AND occurred_at >= {first:DateTime64(3, 'UTC')} AND occurred_at < {last:DateTime64(3, 'UTC')}
        GROUP BY minute, touchpoint, segment, region, kind
        UNION ALL
        SELECT
            minute, touchpoint, segment, region, kind, -1 AS sign,
            toInt64(n) AS n_, toInt64(sum_score) AS score_, toInt64(sum_count) AS count_
        FROM cells FINAL
        WHERE minute IN ($minutes)
            AND minute >= {first:DateTime64(3, 'UTC')} AND minute < {last:DateTime64(3, 'UTC')}
    )
    GROUP BY minute, touchpoint, segment, region, kind
    HAVING n != 0 OR score != 0 OR counted != 0
)
