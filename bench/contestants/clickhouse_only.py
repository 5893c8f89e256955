"""ClickHouse only: its Kafka engine reads, a materialized view decodes, checks, hashes, attributes and lands.

This process makes the tables, waits, and drops them. What the view does not check stands in `docs/performance.md`.
"""

import threading
import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from bench.job import BATCH, KEY, LIMITS, Job, Stopwatch
from metrics.catalogue import AMOUNT_KINDS, COUNTED_KINDS, KINDS, SCORE_RANGES
from metrics.events.event import LAST_SECOND
from metrics.events.pseudonyms import key_id
from metrics.ids import LONGEST_ID, LONGEST_LABEL, TOUCHPOINT_ID
from streams.errors import CxbError
from streams.store.client import Store

LAST_DAY = date(2149, 6, 6)  # that a Date can hold
DROPPED = ("VIEW bench_landing", "TABLE bench_queue", "DICTIONARY bench_owners", "TABLE bench_ownership")
OWNERSHIP = """
CREATE TABLE bench_ownership (touchpoint String, since Date, until Date, department String)
ENGINE = MergeTree ORDER BY touchpoint"""
OWNERS = """
CREATE DICTIONARY bench_owners (touchpoint String, since Date, until Date, department String DEFAULT 'unowned')
PRIMARY KEY touchpoint SOURCE(CLICKHOUSE(DB '{database}' TABLE 'bench_ownership')) LIFETIME(0)
LAYOUT(COMPLEX_KEY_RANGE_HASHED()) RANGE(MIN since MAX until)"""
QUEUE = """
CREATE TABLE bench_queue (value String) ENGINE = Kafka SETTINGS kafka_broker_list = '{broker}',
kafka_topic_list = '{topic}', kafka_group_name = '{group}', kafka_format = 'RawBLOB',
kafka_max_block_size = {batch}, kafka_poll_max_batch_size = {batch}, kafka_flush_interval_ms = 500"""
LANDING = """
CREATE MATERIALIZED VIEW bench_landing TO events AS
WITH
    JSONExtract(value, 'Tuple(event_id Nullable(String), source Nullable(String), kind Nullable(String),
        touchpoint Nullable(String), occurred_at Nullable(String), customer Nullable(String), journey Nullable(String),
        score Nullable(Int64), amount Nullable(String), currency Nullable(String), count Nullable(Int64),
        segment Nullable(String), region Nullable(String))') AS event,
    parseDateTime64BestEffortOrNull(event.occurred_at, 3, 'UTC') AS at,
    toUnixTimestamp64Milli(at) AS at_ms,
    at_ms - toUnixTimestamp64Milli(_timestamp_ms) AS ahead_ms,
    ifNull(event.customer, '') AS customer_id
SELECT
    assumeNotNull(event.event_id) AS event_id,
    assumeNotNull(event.source) AS source,
    assumeNotNull(event.kind) AS kind,
    assumeNotNull(event.touchpoint) AS touchpoint,
    assumeNotNull(at) AS occurred_at,
    if(customer_id = '', '',
       concat('{key_id}-', lower(hex(substring(HMAC('sha256', customer_id, unhex('{key}')), 1, 16))))) AS customer,
    ifNull(event.journey, '') AS journey,
    event.score AS score,
    toDecimal64OrNull(event.amount, 4) AS amount,
    ifNull(event.currency, '') AS currency,
    ifNull(event.count, 1) AS count,
    ifNull(event.segment, '') AS segment,
    ifNull(event.region, '') AS region,
    dictGet('{database}.bench_owners', 'department', tuple(touchpoint), toDate(occurred_at)) AS department,
    '{version}' AS registry_version
FROM bench_queue
WHERE length(value) <= {limits.max_bytes} AND startsWith(trimLeft(value), '{{')
    AND lengthUTF8(event.event_id) BETWEEN 1 AND {label}
    AND lengthUTF8(event.source) BETWEEN 1 AND {label}
    AND event.kind IN {kinds}
    AND length(event.touchpoint) <= {id} AND match(event.touchpoint, '^{touchpoint}$')
    AND at_ms BETWEEN 0 AND {last_ms}
    AND ahead_ms BETWEEN -{limits.max_age_ms} AND {limits.max_ahead_ms}
    AND lengthUTF8(customer_id) <= {id}
    AND (event.journey IS NULL OR lengthUTF8(event.journey) BETWEEN 1 AND {label})
    AND (event.segment IS NULL OR lengthUTF8(event.segment) BETWEEN 1 AND {label})
    AND (event.region IS NULL OR lengthUTF8(event.region) BETWEEN 1 AND {label})
    AND multiIf({scores}, event.score IS NULL)
    AND (event.count IS NULL OR (event.kind IN {counted} AND event.count BETWEEN 1 AND 1000000000))
    AND (event.amount IS NULL) = (event.currency IS NULL)
    AND (event.amount IS NULL OR (event.kind IN {paid} AND match(event.currency, '^[A-Z]{{3}}$')
        AND match(event.amount, '^[0-9]{{1,12}}([.][0-9]{{1,4}})?$')))"""


def main() -> None:
    """Makes the tables; the view, which comes last, begins to read."""
    job = Job.from_environment()
    registry = tomllib.loads(job.registry.read_text())
    store = Store(job.store)
    drop(store)
    Stopwatch(lambda: drop(store))
    store.command(OWNERSHIP)
    rows = [(rule["touchpoint"], *days(rule), rule["owner"]) for rule in registry["ownership"]]
    columns = [list(column) for column in zip(*rows, strict=True)]
    store.insert("bench_ownership", ("touchpoint", "since", "until", "department"), columns)
    store.command(OWNERS.format(database=store.database))
    make_queue(store, QUEUE.format(broker=job.broker, topic=job.topic, group=job.group, batch=BATCH))
    store.command(landing(store.database, registry["version"]))
    threading.Event().wait()


def landing(database: str, version: str) -> str:
    """The statement that makes the view."""
    spans = SCORE_RANGES.items()
    scores = [f"event.kind = '{kind}', event.score BETWEEN {low} AND {high}" for kind, (low, high) in spans]
    return LANDING.format(
        key_id=key_id(KEY), key=KEY.hex(), database=database, version=version, limits=LIMITS, label=LONGEST_LABEL,
        id=LONGEST_ID, touchpoint=TOUCHPOINT_ID.pattern.replace("\\", "\\\\"), last_ms=LAST_SECOND * 1000,
        scores=", ".join(scores), kinds=listed(KINDS), counted=listed(COUNTED_KINDS), paid=listed(AMOUNT_KINDS),
    )  # fmt: skip


def listed(kinds: Iterable[str]) -> str:
    """Kinds as a list of SQL."""
    return "(" + ", ".join(f"'{kind}'" for kind in sorted(kinds)) + ")"


def days(rule: dict[str, Any]) -> tuple[date, date]:
    """The first and the last day of an ownership: in the file the end is the day after."""
    since, end = rule["from"], rule.get("to")
    return since, LAST_DAY if end is None else end - timedelta(days=1)


def make_queue(store: Store, statement: str) -> None:
    """Makes the table that reads Kafka.

    The embedded engine makes it and then says "Shutdown was called"; a server of ClickHouse says nothing.
    """
    try:
        store.command(statement)
    except CxbError as error:
        if "Shutdown was called" not in str(error) or not store.query("EXISTS TABLE bench_queue")[0]["result"]:
            raise


def drop(store: Store) -> None:
    """Drops what a run made, the view first, so that nothing reads any more."""
    for thing in DROPPED:
        kind, name = thing.split()
        store.command(f"DROP {kind} IF EXISTS {name} SYNC")


if __name__ == "__main__":
    main()
