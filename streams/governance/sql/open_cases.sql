-- The cases that are open at an instant, oldest first: opened before it, and not closed before it since.
-- A case is its id at its source; the touchpoint is the one where it was opened first.
SELECT
    case_id,
    source,
    argMinIf(touchpoint, occurred_at, kind = 'case_opened') AS opened_where,
    argMinIf(segment, occurred_at, kind = 'case_opened') AS opened_for,
    argMinIf(region, occurred_at, kind = 'case_opened') AS opened_region,
    minIf(occurred_at, kind = 'case_opened') AS opened_at
FROM events FINAL
WHERE kind IN ('case_opened', 'case_closed')
    AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
GROUP BY source, case_id
HAVING countIf(kind = 'case_opened') > 0
    AND toUnixTimestamp(maxIf(occurred_at, kind = 'case_closed')) < toUnixTimestamp(opened_at)
ORDER BY opened_at, source, case_id
