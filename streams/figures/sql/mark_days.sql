INSERT INTO day_folds (short_s, long_s, day, clean, marked_at)
SELECT short_s, long_s, day, 0, now64(6)
FROM day_folds FINAL
WHERE clean AND toUInt16(day) IN ($days)
