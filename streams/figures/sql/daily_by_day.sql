-- The same from folded days.
SELECT kind, groupArray(day_of_sum) AS days, groupArray(w) AS short, groupArray(v) AS long, owners
FROM
(
    SELECT
        owners, kind, toUInt32(day_number) AS day_of_sum,
        sum(w_short * days.short_w) AS w, sum(w_long * days.long_w) AS v
    FROM $days AS days
    WHERE kind IN ('awareness', 'visit', 'conversion', 'referral') AND (w_short > 0 OR w_long > 0)
    GROUP BY owners, kind, day_of_sum
)
GROUP BY owners, kind
