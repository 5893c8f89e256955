-- Of which ownership period a fact is, under one registry; of the expressions of a line the fourth is where it begins.
roundDown(tuple($line).4 + toUInt64(toUnixTimestamp(occurred_at)), $period_starts)
