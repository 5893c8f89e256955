-- Whether anybody was invited in a time: without, facts need not be read.
SELECT toBool(count() > 0) AS has_invitations
FROM
(
    SELECT 1
    FROM cells FINAL
    WHERE n > 0 AND kind = 'survey_sent'
        AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
    LIMIT 1
)
