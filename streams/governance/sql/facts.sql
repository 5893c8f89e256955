-- All facts of governance at once: each pass over the events of a period to find these few costs as much as the first.
-- What a kind does not ask about is empty; the opening and the closing of a case are one row.
WITH
    kind IN ('case_opened', 'case_closed') AS is_case,
    transform($key, [$keys], [$owners], toUInt32(0)) AS event_owner
SELECT
    if(is_case, 'case', toString(kind)) AS what,
    if(is_case, 0, event_owner) AS owner,
    if(is_case, 0, $place) AS place,
    facet, role, answer, metric, value, category, currency,
    if(is_case, source, '') AS reporter,
    case_id,
    assumeNotNull(sum(amount)) AS total_amount,
    count() AS n,
    argMinIf(event_owner, occurred_at, kind = 'case_opened') AS opener,
    argMinIf($place, occurred_at, kind = 'case_opened') AS opened_at,
    minIf(toUnixTimestamp(occurred_at), kind = 'case_opened') AS opened_s,
    maxIf(toUnixTimestamp(occurred_at), kind = 'case_closed') AS closed_s,
    argMaxIf(resolved, occurred_at, kind = 'case_closed') AS is_resolved,
    argMaxIf(confirmed_by_customer, occurred_at, kind = 'case_closed') AS is_confirmed
FROM events FINAL
WHERE kind IN ('ownership_answer', 'success_answer', 'spend', 'case_opened', 'case_closed')
    AND occurred_at >= toDateTime64({since:Float64}, 3, 'UTC')
    AND occurred_at < toDateTime64({until:Float64}, 3, 'UTC')
GROUP BY what, owner, place, facet, role, answer, metric, value, category, currency, reporter, case_id
HAVING what != 'case' OR countIf(kind = 'case_opened') > 0
ORDER BY what, owner, place, facet, role, answer, metric, value, category, currency, reporter, case_id
