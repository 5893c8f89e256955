-- The weight of the long term as the targets declare it: the last saved, and the last saved before an instant.
-- Of every edition of the figures: it follows from targets alone.
SELECT
    argMaxIf(weight_balance, at, at <= {before:DateTime64(3, 'UTC')}) AS was,
    argMax(weight_balance, at) AS last
FROM scorecards FINAL
WHERE view = 'as_was' AND department = 'company' AND weight_balance IS NOT NULL AND at <= {at:DateTime64(3, 'UTC')}
