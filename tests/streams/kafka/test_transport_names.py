"""Private names that transport.py and faust_app.py override or use, held to what they expect.

A failure here after an upgrade says: read that library's change before anything else. The behaviour that
these names are for is tested on a real broker, here and in tests/streams/ingest/test_consumer.py.
"""

import inspect
from importlib.metadata import version
from typing import Any

import faust
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer import fetcher
from aiokafka.consumer.subscription_state import Assignment
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import OffsetAndMetadata
from faust.tables import TableManager
from faust.transport import consumer as faust_consumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode.threads import QueueServiceThread

from streams.kafka.faust_app import App, NoTables, add_agent, create_faust_app
from streams.kafka.runs import _full_record
from streams.kafka.transport import (
    NOTHING_BEFORE,
    UNKNOWN,
    Chunk,
    ChunkConsumer,
    ChunkTransport,
    ConsumerThread,
)
from tests.streams.engine import EngineProcess
from tests.streams.given import Record
from tests.streams.group import kafka_of, settings_of

T = TP("events", 0)


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def source(thing: Any) -> str:
    return inspect.getsource(thing)


async def nobody(_: Any) -> None:
    pass


def chunk(*offsets: int, expected: int = UNKNOWN) -> Chunk:
    return Chunk(T, [Record(offset, b"", 0) for offset in offsets], NOTHING_BEFORE, expected, 1)


def test_a_chunk_is_committed_up_to_behind_its_last_record() -> None:
    assert chunk(3).next_offset == 4
    assert chunk(3, 4, 9).next_offset == 10


@pytest.mark.parametrize(
    ("expected", "first", "gap"),
    [(3, 3, []), (3, 6, [3, 4, 5]), (5, 3, []), (UNKNOWN, 6, []), (0, 2, [0, 1])],
)
def test_a_gap_is_what_was_expected_and_is_not_there(expected: int, first: int, gap: list[int]) -> None:
    assert list(chunk(first, expected=expected).gap) == gap


def test_the_libraries_are_the_ones_that_were_read() -> None:
    assert (version("faust-streaming"), version("aiokafka")) == ("0.15.3", "0.14.0")


def test_faust_fetches_through_getmany_one_call_after_the_other() -> None:
    assert parameters(faust_consumer.Consumer.getmany) == ["self", "timeout"]
    assert inspect.isasyncgenfunction(faust_consumer.Consumer.getmany)
    assert inspect.isasyncgenfunction(ChunkConsumer.getmany)
    assert "getmany = self.getmany" in source(faust_consumer.Consumer._drain_messages)
    assert "async for tp, message in" in source(faust_consumer.Consumer._drain_messages)


def test_wait_next_records_gives_runs_of_records_and_the_active_partitions() -> None:
    wait = faust_consumer.Consumer._wait_next_records
    assert inspect.iscoroutinefunction(wait)
    assert parameters(wait) == ["self", "timeout"]
    assert "return records, active_partitions" in source(wait)


def test_the_consumer_has_the_state_that_is_read() -> None:
    made = source(faust_consumer.Consumer.__init__)
    assert "self._committed_offset = defaultdict(lambda: None)" in made
    assert "self._buffered_partitions = set()" in made
    assert inspect.iscoroutinefunction(faust_consumer.Consumer.perform_seek)
    assert isinstance(faust_consumer.Consumer.flow_active, bool)
    assert "app.consumer_generation_id = generation" in source(driver.ConsumerRebalanceListener)
    assert "self._thread = self._new_consumer_thread()" in source(faust_consumer.ThreadDelegateConsumer)
    assert parameters(faust_consumer.Consumer.verify_event_path) == ["self", "now", "tp"]


def test_the_driver_makes_its_consumer_in_a_thread_of_its_own() -> None:
    assert parameters(driver.Consumer._new_consumer_thread) == ["self"]
    assert "AIOKafkaConsumerThread(self, loop=self.loop, beacon=self.beacon)" in source(
        driver.Consumer._new_consumer_thread
    )
    assert parameters(driver.AIOKafkaConsumerThread._create_worker_consumer) == ["self", "transport"]
    assert parameters(driver.AIOKafkaConsumerThread._ensure_consumer) == ["self"]
    assert issubclass(ConsumerThread, QueueServiceThread)
    assert inspect.iscoroutinefunction(ConsumerThread.call_thread)
    assert parameters(ConsumerThread.call_thread)[:2] == ["self", "fun"]


def test_the_isolation_level_is_read_when_the_consumer_starts_and_not_before() -> None:
    assert "self._isolation_level = isolation_level" in source(AIOKafkaConsumer.__init__)
    assert "isolation_level=self._isolation_level" in source(AIOKafkaConsumer.start)
    assert "read_committed" in source(fetcher.Fetcher)


def test_how_much_is_fetched_at_once_is_read_when_the_consumer_starts() -> None:
    assert "self._fetch_max_bytes = fetch_max_bytes" in source(AIOKafkaConsumer.__init__)
    assert "fetch_max_bytes=self._fetch_max_bytes" in source(AIOKafkaConsumer.start)


def test_how_much_is_fetched_of_a_partition_is_read_at_each_fetch() -> None:
    assert "self._max_partition_fetch_bytes)" in source(fetcher.Fetcher._get_actions_per_node)


def test_the_consumer_tells_ends_and_positions() -> None:
    for name in ("highwater", "last_stable_offset"):
        assert parameters(getattr(AIOKafkaConsumer, name)) == ["self", "partition"]
    assert "_subscription" in source(AIOKafkaConsumer.__init__)
    assert "OffsetAndMetadata(state.position, " in source(Assignment.all_consumed_offsets)
    assert OffsetAndMetadata._fields == ("offset", "metadata")


def test_a_message_takes_these_in_this_order() -> None:
    assert parameters(driver.ConsumerMessage)[:13] == [
        "topic", "partition", "offset", "timestamp", "timestamp_type", "headers", "key", "value", "checksum",
        "serialized_key_size", "serialized_value_size", "tp", "time_in",
    ]  # fmt: skip
    assert "generation_id" in parameters(driver.ConsumerMessage)


def test_a_parsed_record_has_all_that_a_consumer_record_would_have() -> None:
    assert parameters(_full_record) == ["self", "tp", "record"]
    assert parameters(fetcher.PartitionRecords._consumer_record) == ["self", "tp", "record"]
    assert "self._key_deserializer = key_deserializer" in source(AIOKafkaConsumer.__init__)
    assert "key_deserializer=self._key_deserializer" in source(AIOKafkaConsumer.start)
    assert "self._key_deserializer = key_deserializer" in source(fetcher.PartitionRecords.__init__)
    assert "consumer_record = self._consumer_record(tp, record)" in source(fetcher.PartitionRecords._unpack_records)
    assert "return next(self._records_iterator)" in source(fetcher.PartitionRecords.__next__)
    assert "for msg in self._partition_records:" in source(fetcher.FetchResult.getall)
    builder = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 1000)
    builder.append(0, 1234, b"k", b"v", [("h", b"1")])
    builder.append(1, 1234, None, None, [])
    batch = MemoryRecords(bytes(builder.build())).next_batch()
    first, second = list(batch)
    assert (first.offset, first.timestamp, first.key, first.value, list(first.headers)) == (
        0,
        1234,
        b"k",
        b"v",
        [("h", b"1")],
    )
    assert (second.offset, second.key, second.value, list(second.headers)) == (1, None, None, [])
    assert first.timestamp_type == 0


def test_a_fetch_can_be_read_a_second_time() -> None:
    names = ["self", "tp", "records", "aborted_transactions", "fetch_offset"]
    assert parameters(fetcher.PartitionRecords.__init__)[:5] == names
    assert "records = MemoryRecords(part_data[-1])" in source(fetcher.Fetcher._proc_fetch_request)
    assert "for msg in self._partition_records:" in source(fetcher.FetchResult.getall)
    assert "next_batch = records.next_batch()" in source(fetcher.PartitionRecords._unpack_records)
    assert "self.next_fetch_offset = fetch_offset" in source(fetcher.PartitionRecords.__init__)
    assert "res_or_error.getall(max_records)" in source(fetcher.Fetcher.fetched_records)


def test_faust_takes_our_transport_and_commits_nothing_by_itself(engine: EngineProcess) -> None:
    app = create_faust_app(settings_of(kafka_of("127.0.0.1:1", "events"), engine.settings("cx")))
    add_agent(app, "events", nobody, lambda _: None)
    assert isinstance(app, App)
    assert isinstance(app.transport, ChunkTransport)
    assert ChunkTransport.Consumer is ChunkConsumer
    assert isinstance(app.tables, NoTables)
    (agent,) = app.agents.values()
    assert agent.channel.acks is False
    assert (app.conf.stream_wait_empty, app.conf.topic_allow_declare, app.conf.web_enabled) == (False, False, False)


def test_faust_leaves_no_directories_and_waits_for_no_tables() -> None:
    assert parameters(faust.App._create_directories) == ["self"]
    assert inspect.iscoroutinefunction(TableManager._update_channels)
    started = source(TableManager.on_start)
    assert "await self._update_channels()" in started
    assert "await self.recovery.start()" in started


def test_the_app_shows_its_assignment_rebalances_and_why_it_stopped(engine: EngineProcess) -> None:
    app = create_faust_app(settings_of(kafka_of("127.0.0.1:1", "events"), engine.settings("cx")))
    assert (app._assignment, app.rebalancing, app.crash_reason, app.should_stop) == (None, False, None, False)
    assert callable(app.on_partitions_revoked.connect)
