-- Weighted sums by day of the kinds that volumes and conversion_rate are made of, by owner in both views, from minutes.
SELECT as_was, as_is, kind, groupArray(day_number) AS days, groupArray(w) AS short, groupArray(v) AS long
FROM
(
    SELECT
        transform($key, [$keys], [$owners], toUInt64(0)) AS owners,
        intDiv(owners, 100000) AS as_was, owners % 100000 AS as_is,
        kind, intDiv(minute_at_s, 86400) AS day_number, sum(w_short * c) AS w, sum(w_long * c) AS v
    FROM $cells
    WHERE kind IN ('awareness', 'visit', 'conversion', 'referral') AND (w_short > 0 OR w_long > 0)
    GROUP BY owners, kind, day_number
)
WHERE as_was > 0
GROUP BY as_was, as_is, kind
