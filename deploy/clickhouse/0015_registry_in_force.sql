-- What the registry says, as often as it came into force and once a day: dashboards show names for ids, mark changes of
-- owner and of the registry, and draw targets. Not a source of anything: the registry file is.
CREATE TABLE IF NOT EXISTS registry_in_force
(
    noted_at DateTime64(3, 'UTC'),
    version LowCardinality(String),
    departments Map(String, String) COMMENT 'names by id, with those of company and unowned',
    touchpoints Map(String, String) COMMENT 'English names by id',
    changes Array(Tuple(at DateTime('UTC'), touchpoint String, slice String, previous String, owner String))
        COMMENT 'of owner; slice: to which segment, region or kind of event the change is limited, empty for all',
    targets Array(Tuple(department String, metric String, level String, value Float64))
)
ENGINE = ReplacingMergeTree
ORDER BY noted_at
TTL toDateTime(noted_at) + INTERVAL 900 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- The last one: always one row, empty before the first.
CREATE VIEW IF NOT EXISTS registry_latest AS
SELECT
    argMax(version, noted_at) AS version,
    argMax(departments, noted_at) AS departments,
    argMax(touchpoints, noted_at) AS touchpoints,
    argMax(changes, noted_at) AS changes,
    argMax(targets, noted_at) AS targets
FROM registry_in_force;
