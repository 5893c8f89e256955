-- The figures of the ends of days once more, by department and day, with what they were computed from: a trend reads
-- them where they are what a computation would give. In `balances` they lie among those of each minute.
CREATE TABLE IF NOT EXISTS day_balances
(
    day Date COMMENT 'the figures are those of its end',
    view Enum8('as_was' = 1, 'as_is' = 2),
    department LowCardinality(String) COMMENT 'empty in a row that stands for all of its writing and view',
    metric LowCardinality(String),
    horizon Enum8('short' = 1, 'long' = 2),
    value Nullable(Float64),
    ci_low Nullable(Float64),
    ci_high Nullable(Float64),
    n UInt64,
    n_eff Float64,
    suppressed LowCardinality(String),
    first_at Nullable(DateTime('UTC')),
    last_at Nullable(DateTime('UTC')),
    sampled_one_in UInt32 DEFAULT 1,
    written DateTime64(6, 'UTC') COMMENT 'which writing it is of (day_snapshots)'
)
ENGINE = ReplacingMergeTree(written)
PARTITION BY toYear(day)
ORDER BY (view, department, day, metric, horizon)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- `reflects` told the latest change by a clock; it is not written any more.
ALTER TABLE day_snapshots
    ADD COLUMN IF NOT EXISTS folds UInt64 COMMENT 'hash of the folds up to this day that the figures reflect',
    ADD COLUMN IF NOT EXISTS ownership UInt64 COMMENT 'hash of what they depend on of the registry',
    ADD COLUMN IF NOT EXISTS written DateTime64(6, 'UTC') COMMENT 'which rows of day_balances are of it';
