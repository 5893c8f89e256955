-- Steps of journeys that follow another step, and those of them that are at another department.
-- streams/governance/sql/step.sql says what a step is.
SELECT sum(length(owners) - 1) AS steps, sum(length(arrayCompact(owners)) - 1) AS hand_offs
FROM
(
    SELECT arrayMap(s -> bitAnd(bitShiftRight(s, 6), 2047), arraySort(groupArray($step))) AS owners
    FROM events FINAL
    WHERE occurred_at >= toDateTime64({since:Float64}, 3, 'UTC')
        AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
        AND journey != ''
        AND kind NOT IN (
            'ownership_answer', 'success_answer', 'spend', 'case_opened', 'case_closed', 'survey_sent', 'note'
        )
    GROUP BY sipHash64(journey)
)
