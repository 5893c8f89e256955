"""cx-balance: the worker as it is."""

import asyncio

from pydantic import SecretStr

from bench.job import KEY, Job, Stopwatch
from streams.settings import settings as configuration
from streams.worker import Worker


async def main() -> None:
    """Runs a worker."""
    job = Job.from_environment()
    base = configuration.load()
    kafka = base.kafka.model_copy(
        update={"bootstrap_servers": job.broker, "topic": job.topic, "dlq_topic": job.dlq, "group": job.group}
    )
    job_settings = {"kafka": kafka, "clickhouse": job.store, "registry": job.registry}
    http = base.http.model_copy(update={"port": job.port})
    refresh = base.refresh.model_copy(update={"interval_s": job.refresh_s})
    key = SecretStr(KEY.hex())
    settings = base.model_copy(update={**job_settings, "http": http, "refresh": refresh, "customer_key": key})
    worker = Worker(settings, drain=False)
    Stopwatch()
    await worker.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main())
