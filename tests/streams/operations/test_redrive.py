import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from metrics.events.pseudonyms import pseudonym
from streams.operations import redrive as redriving
from streams.operations.redrive import Redriven, dead_letters, redrive
from streams.settings.settings import KafkaSettings, Settings
from streams.store import rejected
from streams.store.client import Store
from streams.store.rejected import Selection
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.engine import EngineProcess
from tests.streams.given import KEY, encoded, event, everything_in, until
from tests.streams.group import kafka_of, member, send, settings_of

pytestmark = pytest.mark.kafka

OLD = encoded(event("old", "visit"))
BAD = [OLD, b"not json", encoded(event("x", "gossip"))]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redriving, "POLL_MS", 200)


@pytest.fixture
def settings(kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess, store: Store) -> Settings:
    """A topic and its dead letters; events of 2026-04-01 are too old."""
    kafka_settings = kafka_of(kafka.bootstrap, kafka_topic(partitions=1), dlq_topic=kafka_topic(partitions=1))
    return settings_of(kafka_settings, engine.settings(store.database), max_age_days=0.001)


async def refuse(settings: Settings, store: Store, registry: Path, values: list[bytes]) -> None:
    """Has a worker refuse some records."""
    await send(settings.kafka.bootstrap_servers, settings.kafka.topic, values)
    wanted = len(await everything_in(settings.kafka.bootstrap_servers, settings.kafka.topic))
    async with member(settings, store, registry) as worker:
        await until(lambda: sum(worker.ingest.status.cursors.values()) == wanted and worker.ingest.status.idle)


async def listed(store: Store) -> list[tuple[int, str]]:
    rows = await asyncio.to_thread(rejected.latest, store, None, 100)
    return sorted((row.offset, row.reason) for row in rows)


async def again(settings: Settings, store: Store, **chosen: Any) -> Redriven:
    return await redrive(settings.kafka, store, Selection(**chosen), (KEY,), dry_run=False)


async def test_what_was_fixed_lands_once_and_leaves_the_list(
    settings: Settings, store: Store, registry_path: Path
) -> None:
    await refuse(settings, store, registry_path, BAD)
    assert await listed(store) == [(0, "too_old"), (1, "not_json"), (2, "unknown_kind")]
    done = await again(settings, store, reason="too_old")
    assert done == Redriven({"too_old": 1}, {"too_old": 1}, {}, {})
    sent = (await everything_in(settings.kafka.bootstrap_servers, settings.kafka.topic))[-1]
    assert sent.value == OLD
    ((name, header),) = sent.headers
    assert (name, msgspec.json.decode(header)["offset"]) == ("cx-redriven", 0)
    lenient = settings.model_copy(update={"ingest": settings.ingest.model_copy(update={"max_age_days": 4000.0})})
    async with member(lenient, store, registry_path) as worker:
        await until(lambda: sum(worker.ingest.status.cursors.values()) == 4 and worker.ingest.status.idle)
        assert await worker.landed() == {"e-old"}
    assert await listed(store) == [(1, "not_json"), (2, "unknown_kind")]
    assert await again(settings, store, reason="too_old") == Redriven({}, {}, {}, {})


async def test_what_is_refused_again_is_on_the_list_as_what_it_is_then(
    settings: Settings, store: Store, registry_path: Path
) -> None:
    await refuse(settings, store, registry_path, [b"not json"])
    await again(settings, store)
    await refuse(settings, store, registry_path, [])
    assert await listed(store) == [(1, "not_json")]
    letters = await everything_in(settings.kafka.bootstrap_servers, settings.kafka.dlq_topic)
    assert [dict(letter.headers)["cx-offset"] for letter in letters] == [b"0", b"1"]


async def test_a_trial_run_counts_and_sends_nothing(settings: Settings, store: Store, registry_path: Path) -> None:
    await refuse(settings, store, registry_path, BAD)
    redriven = await redrive(settings.kafka, store, Selection(), (KEY,), dry_run=True)
    assert redriven == Redriven({"too_old": 1, "not_json": 1, "unknown_kind": 1}, {}, {}, {})
    assert len(await everything_in(settings.kafka.bootstrap_servers, settings.kafka.topic)) == 3


async def test_letters_that_are_gone_or_cut_are_counted_as_not_kept(
    settings: Settings, store: Store, registry_path: Path
) -> None:
    await refuse(settings, store, registry_path, [b"not json"])
    gone = {
        "reason": "bad_type", "detail": "", "topic": settings.kafka.topic, "partition": 0, "offset": 77, "payload": "",
        "fingerprint": 1, "customer": "",
    }  # fmt: skip
    await asyncio.to_thread(store.insert_rejected, [gone])
    done = await again(settings, store)
    assert done == Redriven({"not_json": 1, "bad_type": 1}, {"not_json": 1}, {}, {"bad_type": 1})


async def test_a_rejected_event_of_an_erased_person_is_not_sent_again(
    settings: Settings, store: Store, registry_path: Path
) -> None:
    """The broker may not delete: the letter is there, and its row as well where the person is not named as usual."""
    await refuse(settings, store, registry_path, [b'{"customers": ["ann", "eve"]}', b'{"customers": ["bob"]}'])
    await asyncio.to_thread(store.insert, "erased", ("customer",), ([pseudonym("ann", KEY)],))
    done = await again(settings, store)
    assert done == Redriven({"missing_field": 2}, {"missing_field": 1}, {"missing_field": 1}, {})
    sent = await everything_in(settings.kafka.bootstrap_servers, settings.kafka.topic)
    assert [record.value for record in sent[2:]] == [b'{"customers": ["bob"]}']


async def test_strangers_records_in_the_dead_letter_topic_are_passed_over(
    settings: Settings, store: Store, registry_path: Path
) -> None:
    await send(settings.kafka.bootstrap_servers, settings.kafka.dlq_topic, [b"no headers", b""])
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers)
    await producer.start()
    strange = [("cx-topic", b"\xff"), ("cx-partition", b"x"), ("cx-offset", b"-")]
    await producer.send_and_wait(settings.kafka.dlq_topic, b"", headers=strange)
    await producer.stop()
    await refuse(settings, store, registry_path, [b"not json"])
    assert (await again(settings, store)).sent == {"not_json": 1}
    assert len([letter async for letter in dead_letters(settings.kafka)]) == 4


async def test_an_empty_topic_of_dead_letters_is_read_to_its_end(kafka: KafkaBroker, kafka_topic: TopicFactory) -> None:
    settings = KafkaSettings(bootstrap_servers=kafka.bootstrap, dlq_topic=kafka_topic(partitions=2))
    assert [letter async for letter in dead_letters(settings)] == []
