-- Notes days as clean whose cells nobody has computed again since their folds were begun.
INSERT INTO day_folds (short_s, long_s, day, clean, edition, marked_at)
SELECT short_s, long_s, day, 1, edition, marked_at + toIntervalMicrosecond(1)
FROM day_folds FINAL
WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND day IN {dates:Array(Date)}
    AND NOT clean AND marked_at = {began:DateTime64(6, 'UTC')}
