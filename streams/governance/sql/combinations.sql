-- What rules can tell apart in a period, by whom it counts for: a value that no rule names is ''.
SELECT
    $key AS key,
    any($place) AS place,
    if(has({segments:Array(String)}, toString(any(segment))), toString(any(segment)), '') AS known_segment,
    if(has({regions:Array(String)}, toString(any(region))), toString(any(region)), '') AS known_region,
    if(has({kinds:Array(String)}, toString(any(kind))), toString(any(kind)), '') AS known_kind,
    any([$fact_owners]) AS owners,
    countIf(kind NOT IN (
        'ownership_answer', 'success_answer', 'spend', 'case_opened', 'case_closed', 'survey_sent', 'note'
    )) AS n
FROM events FINAL
WHERE occurred_at >= toDateTime64({since:Float64}, 3, 'UTC') AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
GROUP BY key
ORDER BY key
