-- Invitations and answers by owner and touchpoint. Those that are not open any more by week, counted back from the end.
WITH $owner_of
SELECT
    toUInt32(owner_of(line_begins + at_s)) AS owner,
    place_number,
    at_s >= {closed:UInt32} AS is_open,
    toUInt32(if(is_open, 0, intDiv({closed:UInt32} - 1 - at_s, {width:UInt32}))) AS week,
    countIf(kind = 'survey_sent') AS invitations,
    countIf(kind = 'survey_sent' AND customer = '') AS nameless,
    countIf(kind != 'survey_sent') AS answers,
    countIf(kind != 'survey_sent' AND customer = '') AS nameless_answers
FROM
(
    SELECT kind, customer, toUInt32(occurred_at) AS at_s, $line AS line_begins, $place + 1 AS place_number
    FROM events FINAL
    WHERE kind IN ('nps', 'csat', 'ces', 'survey_sent')
        AND occurred_at >= toDateTime({since:UInt32}, 'UTC') AND occurred_at < toDateTime({until:UInt32}, 'UTC')
)
GROUP BY owner, place_number, is_open, week
ORDER BY owner, place_number, is_open, week
