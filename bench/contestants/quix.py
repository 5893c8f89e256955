"""Quix Streams: apply, branch to the dead letters, and a BatchingSink, as its documentation shows."""

import tempfile
from typing import Any

from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch

from bench.job import BATCH, Job, Landing, Stopwatch
from metrics.events.rejection import Rejected


class ClickHouseSink(BatchingSink):
    """Writes a batch at each checkpoint; offsets are committed after it."""

    def __init__(self, landing: Landing) -> None:
        super().__init__()
        self._landing = landing

    def write(self, batch: SinkBatch) -> None:
        """Inserts the rows of one partition."""
        self._landing.insert([item.value for item in batch])


def main() -> None:
    """Runs the application."""
    job = Job.from_environment()
    landing = Landing.of(job)
    app = Application(
        broker_address=job.broker, consumer_group=job.group, auto_offset_reset="earliest", commit_every=BATCH,
        commit_interval=1.0, auto_create_topics=False, state_dir=tempfile.mkdtemp(), loglevel="WARNING",
    )  # fmt: skip
    topic = app.topic(job.topic, value_deserializer="bytes", key_deserializer="bytes")
    dlq = app.topic(job.dlq, value_serializer="bytes", key_serializer="bytes")

    def checked(value: bytes, _: Any, timestamp_ms: int, __: Any) -> Any:
        row = landing.row(value, timestamp_ms)
        return (row, value) if isinstance(row, Rejected) else row

    rows = app.dataframe(topic).apply(checked, metadata=True)
    rejected = rows.filter(lambda row: isinstance(row, tuple))
    rejected = rejected.set_headers(lambda pair, *_: [("cx-reason", pair[0].reason.value.encode())])
    rejected.apply(lambda pair: pair[1]).to_topic(dlq)
    rows.filter(lambda row: isinstance(row, list)).sink(ClickHouseSink(landing))
    Stopwatch()
    app.run()


if __name__ == "__main__":
    main()
