"""Bytewax: a Kafka input, map, branch, collect, and a dynamic sink, as its documentation shows.

It commits nothing to Kafka: its snapshots in a recovery store, taken after the sink has written, are its commit.
"""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from bench.job import BATCH, Job, Landing, Stopwatch, reason_header
from metrics.events.rejection import Rejected

JOB = Job.from_environment()
LANDING = Landing.of(JOB)


class _Rows(StatelessSinkPartition[Any]):
    def write_batch(self, items: list[Any]) -> None:
        LANDING.insert([row for _, rows in items for row in rows])


class ClickHouseSink(DynamicSink[Any]):
    """Inserts collected rows."""

    def build(self, step_id: str, worker_index: int, worker_count: int) -> _Rows:
        """One writer for each worker."""
        return _Rows()


def checked(message: KafkaSourceMessage) -> Any:
    """A row, or the rejection with its bytes."""
    row = LANDING.row(message.value, int(message.timestamp[1]))
    return (row, message.value) if isinstance(row, Rejected) else row


def letter(rejected: Any) -> KafkaSinkMessage:
    """A dead letter."""
    return KafkaSinkMessage(None, rejected[1], headers=reason_header(rejected[0]))


def flow() -> Dataflow:
    """The dataflow; it ends at the end of the topic."""
    flow = Dataflow("bench")
    source = KafkaSource([JOB.broker], [JOB.topic], tail=False, batch_size=5_000)
    rows = op.map("check", op.input("read", flow, source), checked)
    split = op.branch("reject", rows, lambda row: isinstance(row, list))
    keyed = op.key_on("key", split.trues, lambda _: "all")
    batches = op.collect("gather", keyed, timeout=timedelta(seconds=1), max_size=BATCH)
    op.output("land", batches, ClickHouseSink())
    kop.output("dead_letters", op.map("letter", split.falses, letter), brokers=[JOB.broker], topic=JOB.dlq)
    return flow


if __name__ == "__main__":
    watch = Stopwatch()
    recovery = Path(tempfile.mkdtemp())
    init_db_dir(recovery, 1)
    cli_main(flow(), epoch_interval=timedelta(seconds=1), recovery_config=RecoveryConfig(recovery))
    watch.report()
