-- The same from folded days.
SELECT as_was, as_is, kind, groupArray(day_of_sum) AS days, groupArray(w) AS short, groupArray(v) AS long
FROM
(
    SELECT
        transform($key, [$keys], [$owners], toUInt64(0)) AS owners,
        intDiv(owners, 100000) AS as_was, owners % 100000 AS as_is,
        kind, toUInt32(day_number) AS day_of_sum, sum(w_short * days.short_w) AS w, sum(w_long * days.long_w) AS v
    FROM $days AS days
    WHERE kind IN ('awareness', 'visit', 'conversion', 'referral') AND (w_short > 0 OR w_long > 0)
    GROUP BY owners, kind, day_of_sum
)
WHERE as_was > 0
GROUP BY as_was, as_is, kind
