SELECT groupArray(toUInt16(day)) AS days, groupArray(toUInt64(toUnixTimestamp64Micro(marked_at))) AS folds
FROM day_folds FINAL
WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND clean AND edition = 2
