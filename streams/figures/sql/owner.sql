-- The number of whom a row counts for, by where its line begins and its time, as one number.
transform(roundDown($moment, $period_starts), $period_starts, $period_owners, toUInt64(0))
