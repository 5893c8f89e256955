-- Unknown fields that sources send, for people to look at: a sum a day, source and name. Counted where records are read,
-- apart from what lands: records that are read again count again.
CREATE TABLE IF NOT EXISTS unknown_fields
(
    day Date,
    source String,
    field String COMMENT 'as sent if it looks like a name of a program, else its length; (other): beyond the first names',
    events SimpleAggregateFunction(sum, UInt64),
    first_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'when a worker read it',
    last_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (day, source, field)
TTL day + INTERVAL 90 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
