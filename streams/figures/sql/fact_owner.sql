-- Whom a fact counts for, by number, under one registry; of the expressions of a line the fourth is where it begins.
transform(
    roundDown(tuple($line).4 + toUInt64(toUnixTimestamp(occurred_at)), $period_starts),
    $period_starts, $period_owners, toUInt64(0)
)
