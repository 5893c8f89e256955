"""The ceiling for Python: aiokafka without a framework, our decoder and our insert."""

import asyncio

from aiokafka import AIOKafkaConsumer

from bench.job import Job, Landing, Stopwatch


async def main() -> None:
    """Reads chunks, lands them in large inserts, commits after each."""
    job = Job.told()
    landing = Landing.of(job)
    watch = Stopwatch()
    consumer = AIOKafkaConsumer(
        job.topic, bootstrap_servers=job.broker, group_id=job.group, enable_auto_commit=False,
        auto_offset_reset="earliest", max_partition_fetch_bytes=4 << 20, max_poll_records=5_000,
        session_timeout_ms=6_000, heartbeat_interval_ms=1_000,
    )  # fmt: skip
    await consumer.start()
    done, waiting = 0, []
    while done < job.events:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            waiting += [(record.value, record.timestamp) for record in records]
        if len(waiting) >= 30_000 or done + len(waiting) >= job.events:
            await asyncio.to_thread(landing.land, waiting)
            await consumer.commit()
            done, waiting = done + len(waiting), []
    await consumer.stop()
    watch.report()


if __name__ == "__main__":
    asyncio.run(main())
