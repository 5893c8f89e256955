-- What customers with several observations add to W2 at the ends of days: figures of the day that follows carry it on,
-- and read the answers of those customers alone for whom something has changed since.
CREATE TABLE IF NOT EXISTS day_repeats
(
    day Date COMMENT 'it is that of its end',
    view Enum8('as_was' = 1, 'as_is' = 2),
    department LowCardinality(String) COMMENT 'empty in a row that stands for all of its writing and view',
    metric LowCardinality(String),
    horizon Enum8('short' = 1, 'long' = 2),
    added Float64,
    sampled_one_in UInt32 DEFAULT 1,
    written DateTime64(6, 'UTC') COMMENT 'which writing it is of (day_snapshots)'
)
ENGINE = ReplacingMergeTree(written)
PARTITION BY toYear(day)
ORDER BY (day, view, department, metric, horizon)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
