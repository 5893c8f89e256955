-- A cell's version is greater than that of the cell it replaces and than all that refreshes have noted before,
-- whatever the clock shows.
-- A note counts nothing and has no cell.
-- The second half of the union puts a zero over each cell whose last fact has moved elsewhere: a fact that was sent
-- again with another touchpoint, say.
INSERT INTO cells (minute, touchpoint, segment, region, kind, n, sum_score, sum_score_sq, promoters, passives,
    detractors, satisfied, sum_count, sum_count_sq, amount_by_currency, refreshed_at)
SELECT
    minute, touchpoint, segment, region, kind, sum(n_), sum(score_), sum(score_sq_), sum(promoters_),
    sum(passives_), sum(detractors_), sum(satisfied_), sum(count_), sum(count_sq_), sumMap(amount_),
    greatest(
        now64(6, 'UTC'),
        {seen:DateTime64(6, 'UTC')} + toIntervalMicrosecond(1),
        max(version_) + toIntervalMicrosecond({step:UInt32})
    )
FROM
(
    SELECT
        toStartOfMinute(occurred_at) AS minute, touchpoint, segment, region, kind,
        count() AS n_,
        sum(toUInt64(ifNull(score, 0))) AS score_,
        sum(toUInt64(ifNull(score, 0)) * ifNull(score, 0)) AS score_sq_,
        countIf(kind = 'nps' AND score >= 9) AS promoters_,
        countIf(kind = 'nps' AND score BETWEEN 7 AND 8) AS passives_,
        countIf(kind = 'nps' AND score <= 6) AS detractors_,
        countIf(kind = 'csat' AND score >= 4) AS satisfied_,
        sum(toUInt64(count)) AS count_,
        sum(toFloat64(count) * count) AS count_sq_,
        sumMapIf(map(currency, CAST(ifNull(amount, 0) AS Decimal(38, 4))), isNotNull(amount)) AS amount_,
        toDateTime64(0, 6, 'UTC') AS version_, false AS is_shown_
    FROM events FINAL
    WHERE kind != 'note' AND toStartOfMinute(occurred_at) IN ($minutes)
        AND occurred_at >= {first:DateTime64(3, 'UTC')} AND occurred_at < {last:DateTime64(3, 'UTC')}
    GROUP BY minute, touchpoint, segment, region, kind
    UNION ALL
    SELECT
        minute, touchpoint, segment, region, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        CAST(map() AS Map(LowCardinality(String), Decimal(38, 4))), refreshed_at, n > 0
    FROM cells FINAL
    WHERE minute IN ($minutes)
        AND minute >= {first:DateTime('UTC')} AND minute < {last:DateTime('UTC')}
)
GROUP BY minute, touchpoint, segment, region, kind
HAVING sum(n_) > 0 OR max(is_shown_)
SETTINGS max_bytes_before_external_group_by = 536870912
