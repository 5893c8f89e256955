-- Customers and promoters of touchpoints and of departments, in both halves of a period. By key first: who met a
-- touchpoint and who met a department are put together from the same parts.
SELECT
    transform(key, [$keys], [$owners], toUInt32(0)) AS owner,
    place_number AS place,
    grouping(place) AS is_department,
    uniqMerge(met) AS customers,
    sum(early_) AS early,
    sum(early_promoters_) AS early_promoters,
    sum(late_) AS late,
    sum(late_promoters_) AS late_promoters
FROM
(
    SELECT
        $key AS key,
        any($place) AS place_number,
        uniqStateIf(customer, customer != '') AS met,
        countIf(kind = 'nps' AND occurred_at < toDateTime64({middle:Float64}, 3, 'UTC')) AS early_,
        countIf(kind = 'nps' AND occurred_at >= toDateTime64({middle:Float64}, 3, 'UTC')) AS late_,
        countIf(kind = 'nps' AND occurred_at < toDateTime64({middle:Float64}, 3, 'UTC') AND score >= 9)
            AS early_promoters_,
        countIf(kind = 'nps' AND occurred_at >= toDateTime64({middle:Float64}, 3, 'UTC') AND score >= 9)
            AS late_promoters_
    FROM events FINAL
    WHERE occurred_at >= toDateTime64({since:Float64}, 3, 'UTC')
        AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
        AND kind NOT IN (
            'ownership_answer', 'success_answer', 'spend', 'case_opened', 'case_closed', 'survey_sent', 'note'
        )
    GROUP BY key
)
GROUP BY GROUPING SETS ((owner), (place))
ORDER BY ALL
