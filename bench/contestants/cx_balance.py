"""cx-balance: the worker as it is. Events may come to it as records of a source, in JSON or in Avro."""

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bench.foreign import schema_registry, sources_text
from bench.job import KEY, Job, Stopwatch
from streams.settings import settings as configuration
from streams.settings.schema_registry import SchemaRegistrySettings
from streams.worker import Worker


async def main() -> None:
    """Runs a worker."""
    job = Job.from_environment()
    base = configuration.load()
    own = job.topic if job.form == "native" else f"{job.group}-own"
    kafka = base.kafka.model_copy(
        update={"bootstrap_servers": job.broker, "topic": own, "dlq_topic": job.dlq, "group": job.group}
    )
    http = base.http.model_copy(update={"port": job.port})
    refresh = base.refresh.model_copy(update={"interval_s": job.refresh_s})
    key = SecretStr(KEY.hex())
    with ExitStack() as stack:
        job_settings = {"kafka": kafka, "clickhouse": job.store, "registry": job.registry, **_foreign(job, stack)}
        settings = base.model_copy(update={**job_settings, "http": http, "refresh": refresh, "customer_key": key})
        worker = Worker(settings, drain=False)
        Stopwatch()
        await worker.run(asyncio.Event())


def _foreign(job: Job, stack: ExitStack) -> dict[str, Any]:
    """The settings of a worker whose events come as records of a source."""
    if job.form == "native":
        return {}
    sources = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "sources.toml"
    sources.write_text(sources_text(job.topic, job.form))
    url = stack.enter_context(schema_registry()) if job.form == "avro" else ""
    return {"sources": sources, "schema_registry": SchemaRegistrySettings(url=url)}


if __name__ == "__main__":
    asyncio.run(main())
