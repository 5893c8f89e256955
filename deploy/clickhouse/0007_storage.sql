-- What is long and differs from row to row packs to half with ZSTD; instants of neighbours differ by little. Parts that
-- are there already are packed anew as they merge.
ALTER TABLE events
    MODIFY COLUMN event_id CODEC(ZSTD(1)),
    MODIFY COLUMN occurred_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN ingested_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN customer CODEC(ZSTD(1)),
    MODIFY COLUMN journey CODEC(ZSTD(1)),
    MODIFY COLUMN score CODEC(ZSTD(1)),
    MODIFY COLUMN amount CODEC(ZSTD(1)),
    MODIFY COLUMN count CODEC(ZSTD(1));

ALTER TABLE rejected MODIFY COLUMN payload CODEC(ZSTD(3));

ALTER TABLE cells
    MODIFY COLUMN minute CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN n CODEC(T64, ZSTD(1)),
    MODIFY COLUMN sum_score CODEC(T64, ZSTD(1)),
    MODIFY COLUMN sum_score_sq CODEC(T64, ZSTD(1)),
    MODIFY COLUMN promoters CODEC(T64, ZSTD(1)),
    MODIFY COLUMN passives CODEC(T64, ZSTD(1)),
    MODIFY COLUMN detractors CODEC(T64, ZSTD(1)),
    MODIFY COLUMN satisfied CODEC(T64, ZSTD(1)),
    MODIFY COLUMN sum_count CODEC(T64, ZSTD(1)),
    MODIFY COLUMN refreshed_at CODEC(Delta, ZSTD(1));
