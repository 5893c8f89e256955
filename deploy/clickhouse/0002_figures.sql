-- Everything below is computed from facts and may be dropped and computed again.
CREATE TABLE IF NOT EXISTS cells
(
    minute DateTime('UTC'),
    touchpoint LowCardinality(String),
    segment LowCardinality(String),
    region LowCardinality(String),
    kind Enum8('awareness' = 1, 'visit' = 2, 'conversion' = 3, 'nps' = 4, 'csat' = 5, 'ces' = 6, 'referral' = 7,
               'repeat_purchase' = 8, 'renewal' = 9, 'churn' = 10, 'contact' = 11),
    n UInt64,
    sum_score UInt64,
    sum_score_sq UInt64,
    promoters UInt64,
    passives UInt64,
    detractors UInt64,
    satisfied UInt64,
    sum_count UInt64,
    amount_by_currency Map(LowCardinality(String), Decimal(38, 4)),
    refreshed_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(refreshed_at)
PARTITION BY toYYYYMM(minute)
ORDER BY (minute, touchpoint, segment, region, kind);

CREATE TABLE IF NOT EXISTS balances
(
    at DateTime64(3, 'UTC'),
    view Enum8('as_was' = 1, 'as_is' = 2),
    department LowCardinality(String),
    metric LowCardinality(String),
    term Enum8('short' = 1, 'long' = 2),
    horizon Enum8('short' = 1, 'long' = 2),
    value Nullable(Float64),
    ci_low Nullable(Float64),
    ci_high Nullable(Float64),
    n UInt64,
    n_eff Float64,
    suppressed LowCardinality(String),
    registry_version LowCardinality(String)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (view, department, metric, horizon, at);

CREATE TABLE IF NOT EXISTS scorecards
(
    at DateTime64(3, 'UTC'),
    view Enum8('as_was' = 1, 'as_is' = 2),
    department LowCardinality(String),
    short_index Nullable(Float64),
    long_index Nullable(Float64),
    outcome_balance Nullable(Float64),
    weight_balance Nullable(Float64),
    short_index_customer Nullable(Float64),
    long_index_customer Nullable(Float64),
    registry_version LowCardinality(String)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (view, department, at);

CREATE TABLE IF NOT EXISTS drift
(
    at DateTime64(3, 'UTC'),
    department LowCardinality(String),
    metric LowCardinality(String),
    state Enum8('calm' = 0, 'up' = 1, 'down' = -1),
    direction Enum8('none' = 0, 'up' = 1, 'down' = -1),
    since Nullable(DateTime64(3, 'UTC')),
    statistic Float64,
    threshold Float64,
    baseline_id String
)
ENGINE = ReplacingMergeTree
ORDER BY (department, metric, at);

-- How far the cells reflect the facts: each refresh notes the store's time before it looked for new facts.
CREATE TABLE IF NOT EXISTS refreshes
(
    upto DateTime64(6, 'UTC'),
    finished_at DateTime64(6, 'UTC') DEFAULT now64(6),
    minutes UInt64
)
ENGINE = MergeTree
ORDER BY finished_at
TTL toDateTime(finished_at) + INTERVAL 7 DAY;

CREATE VIEW IF NOT EXISTS cells_latest AS SELECT * EXCEPT refreshed_at FROM cells FINAL WHERE n > 0;

CREATE VIEW IF NOT EXISTS balances_latest AS SELECT * FROM balances FINAL;

CREATE VIEW IF NOT EXISTS scorecards_latest AS SELECT * FROM scorecards FINAL;
