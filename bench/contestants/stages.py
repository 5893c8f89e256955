"""The sum of the stages, each measured alone in one process: the cost of a worker without any machinery."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka import AIOKafkaConsumer
from aiokafka.consumer import fetcher

from bench.job import BATCH, Job, Landing, Stopwatch, decoded

SPENT: dict[str, float] = {}


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Adds the process's CPU seconds to a stage."""
    before = os.times()
    yield
    after = os.times()
    SPENT[name] = SPENT.get(name, 0.0) + after.user + after.system - before.user - before.system


async def main() -> None:
    """Fetches everything, then decodes, attributes and inserts it, stage by stage."""
    job = Job.from_environment()
    landing = Landing.of(job)
    fetcher.PartitionRecords._consumer_record = lambda self, tp, record: record
    watch = Stopwatch()
    consumer = AIOKafkaConsumer(
        job.topic, bootstrap_servers=job.broker, auto_offset_reset="earliest", enable_auto_commit=False,
        max_partition_fetch_bytes=4 << 20, max_poll_records=5_000,
    )  # fmt: skip
    await consumer.start()
    records: list[tuple[bytes, int]] = []
    with stage("fetch"):
        while len(records) < job.events:
            for run in (await consumer.getmany(timeout_ms=200)).values():
                records += [(record.value, record.timestamp) for record in run]
    await consumer.stop()
    for first in range(0, len(records), BATCH):
        with stage("decode_and_validate"):
            run = decoded(records[first : first + BATCH])
        with stage("attribute_and_columns"):
            columns = landing.columns(run.events, run.occurred_ms)
        with stage("insert"):
            landing.store.insert_facts(columns)
    watch.report(**{f"{name}_s": spent for name, spent in SPENT.items()}, stages_s=sum(SPENT.values()))


if __name__ == "__main__":
    asyncio.run(main())
