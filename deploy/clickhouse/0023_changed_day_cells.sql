-- Which fold of its day last changed a day cell: a fold writes all cells of its day, and a late event changes few of them.
-- Of rows of before any fold may have.
ALTER TABLE day_cells ADD COLUMN IF NOT EXISTS
    changed_at DateTime64(6, 'UTC') DEFAULT folded_at COMMENT 'folded_at of the fold that gave the row other values'
    AFTER folded_at;
