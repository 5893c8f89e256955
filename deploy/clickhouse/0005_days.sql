-- Day cells: the cells of a closed day folded into decayed sums at the day's end, one row for each pair of half-lives.
-- Computed from cells, and from nothing else; may be dropped and computed again.
CREATE TABLE IF NOT EXISTS day_cells
(
    short_s Float64 COMMENT 'the half-lives, seconds',
    long_s Float64,
    day Date,
    touchpoint LowCardinality(String),
    segment LowCardinality(String),
    region LowCardinality(String),
    kind Enum8('awareness' = 1, 'visit' = 2, 'conversion' = 3, 'nps' = 4, 'csat' = 5, 'ces' = 6, 'referral' = 7,
               'repeat_purchase' = 8, 'renewal' = 9, 'churn' = 10, 'contact' = 11),
    n UInt64 COMMENT 'observations, counts included; 0 where there are none any more',
    first_minute DateTime('UTC'),
    short_w Float64,
    short_w2 Float64,
    short_promoters Float64,
    short_detractors Float64,
    short_satisfied Float64,
    short_score Float64,
    short_score_sq Float64,
    long_w Float64,
    long_w2 Float64,
    long_promoters Float64,
    long_detractors Float64,
    long_satisfied Float64,
    long_score Float64,
    long_score_sq Float64,
    folded_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(folded_at)
PARTITION BY toYear(day)
ORDER BY (short_s, long_s, day, touchpoint, segment, region, kind);

-- Which days are folded and may stand for their minutes: clean until one of the day's cells is computed again.
CREATE TABLE IF NOT EXISTS day_folds
(
    short_s Float64,
    long_s Float64,
    day Date,
    clean UInt8,
    marked_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(marked_at)
ORDER BY (short_s, long_s, day);
