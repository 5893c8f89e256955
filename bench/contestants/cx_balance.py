"""cx-balance: the worker as it is, until everything has landed."""

import asyncio
import sys

from bench.job import KEY, Job, Stopwatch
from streams import settings as configuration
from streams.app import Worker
from streams.publishing import POLL_S


def is_through(worker: Worker, events: int) -> bool:
    """Whether every record of the topic has been taken and has landed."""
    pipeline = worker._pipeline
    return pipeline is not None and pipeline._ingest.idle and sum(pipeline._ingest.cursors().values()) >= events


async def main() -> None:
    """Runs a worker until the topic has been read and landed."""
    job = Job.told()
    base = configuration.load()
    kafka = base.kafka.model_copy(
        update={"bootstrap_servers": job.broker, "topic": job.topic, "group": job.group, "session_timeout_s": 6.0}
    )
    told = {"kafka": kafka, "clickhouse": job.store, "registry": job.registry, "migrate_at_start": True}
    http = base.http.model_copy(update={"port": 0})
    refresh = base.refresh.model_copy(update={"interval_s": 3600.0})  # the job ends at the facts
    settings = base.model_copy(
        update={**told, "http": http, "refresh": refresh, "customer_key": configuration.SecretStr(KEY.hex())}
    )
    worker = Worker(settings, drain=False)
    stop = asyncio.Event()
    watch = Stopwatch()
    running = asyncio.create_task(worker.run(stop))
    while not is_through(worker, job.events) and not running.done():  # noqa: ASYNC110  (asked from outside)
        await asyncio.sleep(POLL_S / 10)
    stop.set()
    await running
    watch.report()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
