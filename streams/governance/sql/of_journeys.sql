-- Facts of a period that are steps of journeys.
occurred_at >= toDateTime64({since:Float64}, 3, 'UTC')
AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
AND journey != ''
AND kind NOT IN ('ownership_answer', 'success_answer', 'spend', 'case_opened', 'case_closed', 'survey_sent', 'note')
