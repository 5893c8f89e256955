-- Who asked to be forgotten: hashes only. Facts of theirs that occurred until then are dropped, also when replayed.
CREATE TABLE IF NOT EXISTS erased
(
    customer String COMMENT 'keyed hash',
    erased_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(erased_at)
ORDER BY customer;

-- Whom a refused event was about, where it could be read; and when a refused event went through again.
ALTER TABLE rejected ADD COLUMN IF NOT EXISTS customer String COMMENT 'keyed hash, empty where unreadable';

ALTER TABLE rejected ADD COLUMN IF NOT EXISTS resolved_at Nullable(DateTime64(3, 'UTC')) COMMENT 'sent through again';

CREATE OR REPLACE VIEW rejected_latest AS SELECT * FROM rejected FINAL WHERE resolved_at IS NULL;
