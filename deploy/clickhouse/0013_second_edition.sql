-- What figures of the second edition are made of. A count is one observation of its size: cells hold its square as well.
-- Cells of before have none: the first refresh computes every minute again, and notes the edition when it is done.
ALTER TABLE cells ADD COLUMN IF NOT EXISTS
    sum_count_sq Float64 CODEC(ZSTD(1)) COMMENT 'sum of squared counts';

CREATE OR REPLACE VIEW cells_latest AS SELECT * EXCEPT refreshed_at FROM cells FINAL WHERE n > 0;

ALTER TABLE day_cells
    ADD COLUMN IF NOT EXISTS last_minute DateTime('UTC'),
    ADD COLUMN IF NOT EXISTS short_trials Float64,
    ADD COLUMN IF NOT EXISTS short_sizes Float64,
    ADD COLUMN IF NOT EXISTS long_trials Float64,
    ADD COLUMN IF NOT EXISTS long_sizes Float64;

-- Folds of an earlier edition do not count as clean.
ALTER TABLE day_folds ADD COLUMN IF NOT EXISTS edition UInt8 DEFAULT 1;

-- Answers and purchases by customer, for n_eff: one row a customer and cell. Read by customer, in small granules.
CREATE TABLE IF NOT EXISTS answers
(
    customer UInt64 COMMENT 'hash of the keyed hash',
    metric Enum8('nps' = 1, 'csat' = 2, 'ces' = 3, 'repeat_rate' = 4, 'retention' = 5),
    kind Enum8('conversion' = 3, 'nps' = 4, 'csat' = 5, 'ces' = 6, 'repeat_purchase' = 8, 'renewal' = 9, 'churn' = 10),
    minute DateTime('UTC') CODEC(ZSTD(1)),
    touchpoint LowCardinality(String),
    segment LowCardinality(String),
    region LowCardinality(String),
    n UInt32 CODEC(T64, ZSTD(1)) COMMENT '0 where there are none any more',
    refreshed_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    INDEX minutes minute TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(refreshed_at)
PARTITION BY toYYYYMM(minute)
ORDER BY (customer, metric, kind, minute, touchpoint, segment, region)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- The same of those customers alone who have several observations of one metric: all that a figure reads.
CREATE TABLE IF NOT EXISTS repeat_answers
(
    customer UInt64,
    metric Enum8('nps' = 1, 'csat' = 2, 'ces' = 3, 'repeat_rate' = 4, 'retention' = 5),
    kind Enum8('conversion' = 3, 'nps' = 4, 'csat' = 5, 'ces' = 6, 'repeat_purchase' = 8, 'renewal' = 9, 'churn' = 10),
    minute DateTime('UTC') CODEC(ZSTD(1)),
    touchpoint LowCardinality(String),
    segment LowCardinality(String),
    region LowCardinality(String),
    n UInt32 CODEC(T64, ZSTD(1)),
    refreshed_at DateTime64(6, 'UTC') CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(refreshed_at)
PARTITION BY toYYYYMM(minute)
ORDER BY (customer, metric, kind, minute, touchpoint, segment, region)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- Which edition of the figures cells are of: the greatest that is noted.
CREATE TABLE IF NOT EXISTS editions
(
    edition UInt8,
    noted_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = MergeTree
ORDER BY edition
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- Recorded figures of an earlier edition are not shown next to those of this one: cxb rebuild computes them again.
ALTER TABLE balances
    ADD COLUMN IF NOT EXISTS first_at Nullable(DateTime64(3, 'UTC')),
    ADD COLUMN IF NOT EXISTS last_at Nullable(DateTime64(3, 'UTC')),
    ADD COLUMN IF NOT EXISTS sampled_one_in UInt32 DEFAULT 1,
    ADD COLUMN IF NOT EXISTS edition UInt8 DEFAULT 1;

ALTER TABLE scorecards ADD COLUMN IF NOT EXISTS edition UInt8 DEFAULT 1;

CREATE OR REPLACE VIEW balances_latest AS SELECT * FROM balances FINAL WHERE edition = 2;

CREATE OR REPLACE VIEW scorecards_latest AS SELECT * FROM scorecards FINAL WHERE edition = 2;
