-- The same as a function, with its tables.
$period_starts AS period_starts, $period_owners AS period_owners, moment -> $owner AS owner_of
