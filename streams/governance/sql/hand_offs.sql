-- Steps of journeys that follow another step, and those of them that are at another department.
-- streams/governance/sql/step.sql says what a step is.
SELECT sum(length(owners) - 1) AS steps, sum(length(arrayCompact(owners)) - 1) AS hand_offs
FROM
(
    SELECT arrayMap(s -> bitAnd(bitShiftRight(s, 6), 2047), arraySort(groupArray($step))) AS owners
    FROM events FINAL
    WHERE $of_journeys
    GROUP BY sipHash64(journey)
)
