-- The day of the first answer of an erased person that is still there: it counts for nobody since the erasure began,
-- and its day is folded again later. Of no meaning without any.
SELECT toUInt16(toDate(min(answers.minute))) AS day, count() AS answers
FROM
(
    SELECT customer, minute
    FROM repeat_answers FINAL
    WHERE n > 0 AND customer IN (SELECT sipHash64(customer) FROM erased)
) AS answers
INNER JOIN
(
    SELECT sipHash64(customer) AS person, toStartOfMinute(max(erased_at)) AS until FROM erased GROUP BY person
) AS gone ON answers.customer = gone.person
WHERE answers.minute < gone.until
