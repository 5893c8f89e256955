-- By the clocks of which zone the hours of a baseline's rhythm are. Those of before are of UTC.
ALTER TABLE baselines
    ADD COLUMN IF NOT EXISTS timezone LowCardinality(String) DEFAULT 'UTC' COMMENT 'of the hours of the rhythm' AFTER rhythm,
    MODIFY COLUMN IF EXISTS rhythm COMMENT 'of volumes: events expected in each hour of a week, Monday 00:00 first';

CREATE OR REPLACE VIEW baselines_latest AS SELECT * FROM baselines FINAL;
