"""The ceiling for Python: aiokafka without a framework, our decoder and our insert."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.consumer import fetcher

from bench.job import BATCH, Job, Landing, Stopwatch, reason_header


async def main() -> None:
    """Reads chunks, lands them in large inserts, commits after each."""
    job = Job.from_environment()
    landing = Landing.of(job)
    fetcher.PartitionRecords._consumer_record = lambda self, tp, record: record  # light records, as cx-balance has
    Stopwatch()
    producer = AIOKafkaProducer(bootstrap_servers=job.broker, acks="all")
    consumer = AIOKafkaConsumer(
        job.topic, bootstrap_servers=job.broker, group_id=job.group, enable_auto_commit=False,
        auto_offset_reset="earliest", max_partition_fetch_bytes=4 << 20, max_poll_records=5_000,
    )  # fmt: skip
    await producer.start()
    await consumer.start()
    waiting: list[tuple[bytes, int]] = []
    while True:
        fetched = await consumer.getmany(timeout_ms=200)
        waiting += [(record.value, record.timestamp) for records in fetched.values() for record in records]
        if len(waiting) >= BATCH or (waiting and not fetched):
            rejected = await asyncio.to_thread(landing.land, waiting)
            sent = [await producer.send(job.dlq, waiting[at][0], headers=reason_header(why)) for at, why in rejected]
            await asyncio.gather(*sent)
            await consumer.commit()
            waiting = []


if __name__ == "__main__":
    asyncio.run(main())
