-- Which indices are recorded of an instant.
SELECT view, department
FROM scorecards FINAL
WHERE at = {at:DateTime64(3, 'UTC')} AND edition > 0
