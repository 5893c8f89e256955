"""What the two plain faust contestants share: the app as a beginner would configure it, and dead letters."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence

import faust
from aiokafka import AIOKafkaProducer

from bench.job import Job, Landing, Stopwatch, reason_header
from metrics.events.rejection import Rejected

Reject = Callable[[Sequence[tuple[bytes, Rejected]]], Awaitable[None]]
Install = Callable[[faust.App, faust.TopicT, Landing, Reject], None]


async def run(install: Install) -> None:
    """Runs an app with the agents that `install` gives it."""
    job = Job.from_environment()
    landing = Landing.of(job)
    app = faust.App(
        job.group, broker=f"kafka://{job.broker}", store="memory://", web_enabled=False, topic_disable_leader=True,
        consumer_auto_offset_reset="earliest", broker_commit_interval=1.0, datadir=tempfile.mkdtemp(),
    )  # fmt: skip
    producer = AIOKafkaProducer(bootstrap_servers=job.broker, acks="all")

    async def reject(letters: Sequence[tuple[bytes, Rejected]]) -> None:
        sent = [await producer.send(job.dlq, value, headers=reason_header(why)) for value, why in letters]
        await asyncio.gather(*sent)

    install(app, app.topic(job.topic, value_serializer="raw", key_serializer="raw"), landing, reject)
    Stopwatch()
    await producer.start()
    await app.start()
    await app.wait_until_stopped()
