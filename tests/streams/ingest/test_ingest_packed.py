"""Batches that unpack to gigabytes, from a real broker: they are rejected with their place, and the group goes on."""

import asyncio
import tracemalloc
from pathlib import Path

import pytest

from streams.kafka import transport
from streams.runtime.unpacking import MOST_UNPACKED_BYTES
from streams.store.client import Store
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.kafka.raw import Raw, batch, produce
from tests.streams.engine import EngineProcess
from tests.streams.given import encoded, event, everything_in, until
from tests.streams.group import kafka_of, member, settings_of

pytestmark = pytest.mark.kafka


async def test_a_bomb_of_each_codec_is_rejected_with_its_place_and_what_is_around_it_lands(
    kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess, store: Store, registry_path: Path
) -> None:
    kafka_settings = kafka_of(kafka.bootstrap, kafka_topic(partitions=1), dlq_topic=kafka_topic(partitions=1))
    settings = settings_of(kafka_settings, engine.settings(store.database), max_age_days=36_500)
    sent = [batch([Raw(encoded(event("first")), stamp_ms=1_775_044_800_000)])]
    for codec in ("gzip", "lz4", "zstd"):
        sent.append(batch([Raw(bytes(4 * MOST_UNPACKED_BYTES)), Raw(b"x")], codec))
        sent.append(batch([Raw(encoded(event(codec)), stamp_ms=1_775_044_800_000)], codec))
    # Snappy packs to a twentieth: what unpacks to too much is no longer a batch that a broker takes.
    codes = await produce(kafka.bootstrap, kafka_settings.topic, sent)
    accepted = [number for number, code in enumerate(codes) if not code]
    assert {0, 2, 4, 6} <= set(accepted)
    bombs = [number for number in accepted if number % 2]
    assert 5 in bombs  # zstd: 256 MiB in 8 kB
    end = sum(1 if number % 2 == 0 else 2 for number in accepted)
    transport.install()
    tracemalloc.start()
    async with member(settings, store, registry_path) as worker:
        await until(lambda: sum(worker.ingest.status.cursors.values()) == end and worker.ingest.status.idle)
        assert await worker.landed() == {"e-first", "e-gzip", "e-lz4", "e-zstd"}
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2.5 * MOST_UNPACKED_BYTES
    rows = await asyncio.to_thread(store.query, "SELECT reason, detail FROM rejected FINAL")
    assert [row["reason"] for row in rows] == ["too_large"] * len(bombs)
    assert all("a compressed batch of 2 records" in row["detail"] for row in rows)
    letters = await everything_in(kafka.bootstrap, kafka_settings.dlq_topic)
    assert len(letters) == len(bombs)
