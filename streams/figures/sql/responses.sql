-- Invitations that name a customer, by owner and touchpoint: how many there are, how many were answered, and the
-- squares of their number by customer. 0 stands for all: squares of sums do not add up.
SELECT
    of_group.1 AS owner, of_group.2 AS place, week,
    sum(n) AS named, sum(n_answered) AS answered, sum(n * n) AS squares
FROM
(
    SELECT
        arrayJoin([(toUInt32(0), toUInt32(0)), (invitation.2, toUInt32(0)), (invitation.2, invitation.3)]) AS of_group,
        toUInt32(intDiv({closed:UInt32} - 1 - invitation.1, {width:UInt32})) AS week,
        customer,
        count() AS n,
        countIf(arrayExists(at -> at >= invitation.1 AND at < invitation.1 + {window:UInt32}, answers)) AS n_answered
    FROM
    (
        WITH $owner_of
        SELECT
            customer,
            arrayJoin(groupArrayIf(
                (at_s, toUInt32(owner_of(line_begins + at_s)), place_number),
                kind = 'survey_sent' AND at_s < {closed:UInt32}
            )) AS invitation,
            groupArrayIf(at_s, kind != 'survey_sent') AS answers
        FROM
        (
            SELECT
                kind, customer, touchpoint, toUInt32(occurred_at) AS at_s, $line AS line_begins,
                $place + 1 AS place_number
            FROM events FINAL
            WHERE kind IN ('nps', 'csat', 'ces', 'survey_sent') AND customer != ''
                AND occurred_at >= toDateTime({since:UInt32}, 'UTC')
                AND occurred_at < toDateTime({until:UInt32}, 'UTC')
        )
        GROUP BY customer, touchpoint
    )
    GROUP BY of_group, week, customer
)
GROUP BY of_group, week
ORDER BY of_group, week
