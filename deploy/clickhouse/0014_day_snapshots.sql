-- Which ends of days have recorded figures, and of which state of the days before. May be dropped: they are then written
-- again.
CREATE TABLE IF NOT EXISTS day_snapshots
(
    day Date COMMENT 'the figures are those of its end',
    edition UInt8 COMMENT 'of the figures',
    registry UInt64 COMMENT 'hash of the registry they were computed under',
    reflects DateTime64(6, 'UTC') COMMENT 'the latest change of a day up to this one that they reflect',
    noted_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree(noted_at)
ORDER BY day
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
