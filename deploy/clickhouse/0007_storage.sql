-- What is long and differs from row to row packs to half with ZSTD; instants of neighbours differ by little. Parts that
-- are there already are packed anew as they merge.
ALTER TABLE events
    MODIFY COLUMN IF EXISTS event_id CODEC(ZSTD(1)),
    MODIFY COLUMN IF EXISTS occurred_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN IF EXISTS ingested_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN IF EXISTS customer CODEC(ZSTD(1)),
    MODIFY COLUMN IF EXISTS journey CODEC(ZSTD(1)),
    MODIFY COLUMN IF EXISTS score CODEC(ZSTD(1)),
    MODIFY COLUMN IF EXISTS amount CODEC(ZSTD(1)),
    MODIFY COLUMN IF EXISTS count CODEC(ZSTD(1));

ALTER TABLE rejected MODIFY COLUMN IF EXISTS payload CODEC(ZSTD(3));

ALTER TABLE cells
    MODIFY COLUMN IF EXISTS minute CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN IF EXISTS n CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS sum_score CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS sum_score_sq CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS promoters CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS passives CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS detractors CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS satisfied CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS sum_count CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS refreshed_at CODEC(Delta, ZSTD(1));
