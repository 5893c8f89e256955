-- Of a fact, where its line begins and its time, as one number; of the expressions of a line the fourth is its begin.
tuple($line).4 + toUInt64(toUnixTimestamp(occurred_at))
