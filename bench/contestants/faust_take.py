"""A plain faust agent, as its documentation advises for batches: `take`, then insert."""

import asyncio
import os
import tempfile

import faust

from bench.job import Job, Landing, Stopwatch


async def main() -> None:
    """Runs the agent until it has landed every event."""
    job = Job.told()
    landing = Landing.of(job)
    app = faust.App(
        job.group, broker=f"kafka://{job.broker}", store="memory://", web_enabled=False, topic_disable_leader=True,
        consumer_auto_offset_reset="earliest", broker_session_timeout=6, broker_heartbeat_interval=1,
        datadir=tempfile.mkdtemp(),
    )  # fmt: skip
    done = asyncio.Event()
    watch = Stopwatch()

    async def agent(stream: "faust.Stream[bytes]") -> None:
        landed = 0
        async for events in stream.take_events(5_000, within=1.0):
            records = [(event.value, int(event.message.timestamp * 1000)) for event in events]
            await asyncio.to_thread(landing.land, records)
            landed += len(events)
            if landed >= job.events:
                done.set()

    app.agent(app.topic(job.topic, value_serializer="raw", key_serializer="raw"))(agent)
    await app.start()
    await done.wait()
    await app.consumer.commit()
    watch.report()
    os._exit(0)  # stopping faust takes seconds and is not the job


if __name__ == "__main__":
    asyncio.run(main())
