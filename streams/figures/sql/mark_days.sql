-- Also of days that are not clean: they may be being folded. The note that a fold is clean goes one microsecond beyond
-- the version it was begun with (note_folds); this goes two, so that it wins whichever comes first.
INSERT INTO day_folds (short_s, long_s, day, clean, edition, marked_at)
SELECT short_s, long_s, day, 0, edition, greatest(now64(6, 'UTC'), marked_at + toIntervalMicrosecond(2))
FROM day_folds FINAL
WHERE toUInt16(day) IN ($days)
