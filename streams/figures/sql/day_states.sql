-- Folded days, when each has changed last, and what the recorded figures of its end reflect.
SELECT
    toUInt16(folds.day) AS day, folds.changed_at AS changed_at, notes.reflects AS reflects, notes.registry AS registry
FROM
(
    SELECT day, marked_at AS changed_at
    FROM day_folds FINAL
    WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND clean AND edition = {edition:UInt8}
) AS folds
LEFT JOIN
(
    SELECT day, reflects, registry FROM day_snapshots FINAL WHERE edition = {edition:UInt8}
) AS notes ON notes.day = folds.day
ORDER BY day
