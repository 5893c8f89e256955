-- Folded days, each with a hash of the folds of all days up to it, and what the recorded figures of its end are of.
-- They are recorded where the row that stands for all of them is there: it comes and goes with the others.
SELECT
    toUInt16(folds.day) AS day, folds.folds AS folds, notes.folds AS reflects, notes.registry AS registry,
    notes.ownership AS ownership, notes.written AS written
FROM
(
    SELECT day, sum(sipHash64(day, marked_at)) OVER (ORDER BY day) AS folds
    FROM day_folds FINAL
    WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND clean AND edition = {edition:UInt8}
) AS folds
LEFT JOIN
(
    SELECT day, folds, registry, ownership, written
    FROM day_snapshots FINAL
    WHERE edition = {edition:UInt8}
        AND (day, written) IN (SELECT day, written FROM day_balances WHERE view = 'as_was' AND department = '')
) AS notes ON notes.day = folds.day
ORDER BY day
