-- Facts: one row an accepted event. The sorting key is a function of the event alone, so that a copy of an
-- event, whoever inserts it and whenever, is the same row: read with FINAL, it counts once. Of two copies that
-- differ, the last to land stays.
CREATE TABLE IF NOT EXISTS events
(
    event_id String,
    source LowCardinality(String),
    kind Enum8('awareness' = 1, 'visit' = 2, 'conversion' = 3, 'nps' = 4, 'csat' = 5, 'ces' = 6, 'referral' = 7,
               'repeat_purchase' = 8, 'renewal' = 9, 'churn' = 10, 'contact' = 11),
    touchpoint LowCardinality(String),
    occurred_at DateTime64(3, 'UTC'),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3),
    customer String COMMENT 'keyed hash',
    journey String,
    score Nullable(UInt8),
    amount Nullable(Decimal(18, 4)),
    currency LowCardinality(String),
    count UInt32,
    segment LowCardinality(String),
    region LowCardinality(String),
    department LowCardinality(String) COMMENT 'owner found at ingest',
    registry_version LowCardinality(String),
    INDEX recently_ingested ingested_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(ingested_at)
PARTITION BY toYYYYMM(occurred_at)
PRIMARY KEY (toStartOfMinute(occurred_at), source)
ORDER BY (toStartOfMinute(occurred_at), source, event_id);

-- Refused events. The same record refused again is the same row; the fingerprint of its bytes keeps apart the
-- records of a broker whose log began again at offset 0.
CREATE TABLE IF NOT EXISTS rejected
(
    rejected_at DateTime64(3, 'UTC') DEFAULT now64(3),
    reason LowCardinality(String),
    detail String,
    topic LowCardinality(String),
    partition Int32,
    offset Int64,
    payload String COMMENT 'the first 4 KiB, the customer masked',
    fingerprint UInt64
)
ENGINE = ReplacingMergeTree(rejected_at)
ORDER BY (topic, partition, offset, fingerprint);

CREATE VIEW IF NOT EXISTS events_latest AS SELECT * FROM events FINAL;

CREATE VIEW IF NOT EXISTS rejected_latest AS SELECT * FROM rejected FINAL;
