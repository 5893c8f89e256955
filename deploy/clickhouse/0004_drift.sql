-- Baselines of drift detection: frozen. A new version comes on request or with a change of ownership, never in place.
CREATE TABLE IF NOT EXISTS baselines
(
    department LowCardinality(String),
    metric LowCardinality(String),
    version UInt32,
    reason Enum8('automatic' = 1, 'ownership' = 2, 'request' = 3),
    note String COMMENT 'why, in words',
    start_at DateTime('UTC') COMMENT 'begin of the stretch it was estimated from',
    end_at DateTime('UTC') COMMENT 'end of it',
    valid_from DateTime('UTC') COMMENT 'from when detection uses it',
    exposure Float64 COMMENT 'answers, visits or expected events in the stretch',
    mean Float64,
    sd Float64 COMMENT 'long-run standard deviation of one answer',
    skew Float64,
    step_sd Float64,
    freedom Float64,
    rhythm Array(Float64) COMMENT 'of volumes: events expected in each hour of a week, Monday 00:00 UTC first',
    created_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(created_at)
ORDER BY (department, metric, version);

-- A change of state that a later computation no longer finds, for late events have come, is withdrawn.
ALTER TABLE drift ADD COLUMN IF NOT EXISTS withdrawn UInt8 DEFAULT 0;

CREATE VIEW IF NOT EXISTS drift_latest AS SELECT * EXCEPT withdrawn FROM drift FINAL WHERE withdrawn = 0;

CREATE VIEW IF NOT EXISTS baselines_latest AS SELECT * FROM baselines FINAL;
