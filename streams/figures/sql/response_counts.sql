-- Invitations and answers by owner and touchpoint. Those that are not open any more by week, counted back from the end.
SELECT
    transform($key, [$combinations], [$owners], toUInt32(0)) AS owner,
    $place + 1 AS place_number,
    occurred_at >= toDateTime({closed:UInt32}, 'UTC') AS is_open,
    toUInt32(if(is_open, 0, intDiv({closed:UInt32} - 1 - toUInt32(occurred_at), {width:UInt32}))) AS week,
    countIf(kind = 'survey_sent') AS invitations,
    countIf(kind = 'survey_sent' AND customer = '') AS nameless,
    countIf(kind != 'survey_sent') AS answers,
    countIf(kind != 'survey_sent' AND customer = '') AS nameless_answers
FROM events FINAL
WHERE kind IN ('nps', 'csat', 'ces', 'survey_sent')
    AND occurred_at >= toDateTime({since:UInt32}, 'UTC') AND occurred_at < toDateTime({until:UInt32}, 'UTC')
GROUP BY owner, place_number, is_open, week
HAVING owner > 0
ORDER BY owner, place_number, is_open, week
