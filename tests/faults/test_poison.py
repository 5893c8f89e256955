"""Records that no publisher should send: a corpus through the broker, packed ones, huge ones."""

import json
import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.faults.checker import letters
from tests.faults.conftest import WHOLE, Outcome, Verify, publish, scale
from tests.faults.ledger import Entry, Ledger, Publisher, entries
from tests.faults.watching import is_ready, peak_mb
from tests.faults.world import World, until
from tests.metrics.events.test_decoding import POISON
from tests.metrics.events_near import GOOD, KINDS, SPANS, STAMP_MS, encoded

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
MB = 1024 * 1024
KEPT_BYTES = 64 * 1024
PLAIN: dict[str, Any] = {name: value for name, value in GOOD.items() if name != "score"}
CODECS = ("gzip", "lz4", "snappy", "zstd")
NOBODY = "customer"
OPTIONAL = (NOBODY, "journey", "segment", "region")


def corpus() -> Iterator[tuple[str, bytes | None, str]]:
    """Name, bytes and the one right reason of each."""
    yield from ((name, value, reason.value) for name, value, reason in POISON)
    whole = encoded({**PLAIN, "kind": "conversion", "amount": "12.50", "currency": "EUR", "customer": "c-1"})
    yield from ((f"cut off after {size} bytes", whole[:size], "not_json") for size in range(1, len(whole)))
    for kind in KINDS:
        event = {**PLAIN, "kind": kind} | ({"score": SPANS[kind][0]} if kind in SPANS else {})
        for name in ("event_id", "source", "kind", "touchpoint", "occurred_at"):
            yield f"{kind} without {name}", _without(event, name), "missing_field"
        yield f"{kind} with a text as count", encoded({**event, "count": "1"}), "bad_type"
        yield f"{kind} with a list as customer", encoded({**event, "customer": ["c"]}), "bad_type"
        yield f"{kind} with a key twice", encoded(event)[:-1] + b', "kind": "nps"}', "bad_value"
        if kind in SPANS:
            low, high = SPANS[kind]
            yield from ((f"{kind} of {score}", encoded({**event, "score": score}), "score_out_of_range")
                        for score in (low - 1, high + 1, -(10**9), 10**9))  # fmt: skip
            yield f"{kind} without score", _without(event, "score"), "missing_field"
        else:
            yield f"{kind} with a score", encoded({**event, "score": 5}), "bad_value"
        if kind not in ("awareness", "visit"):
            yield f"{kind} with a count", encoded({**event, "count": 2}), "bad_value"
        if kind not in ("conversion", "repeat_purchase"):
            yield f"{kind} with money", encoded({**event, "amount": 1, "currency": "EUR"}), "bad_value"
    for name in OPTIONAL:
        others: tuple[Any, ...] = (None, 1, 1.5, True, {}, [])
        for value in others:
            yield f"{name} is {value!r}", encoded({**GOOD, name: value}), "bad_type"
    # A blank customer stands for nobody.
    yield from ((f"{name} is empty", encoded({**GOOD, name: ""}), "bad_value") for name in OPTIONAL if name != NOBODY)


def _without(event: Mapping[str, Any], name: str) -> bytes:
    return encoded({key: value for key, value in event.items() if key != name})


async def test_poison_among_good_ones(world: World, outcome: Outcome, verify: Verify) -> None:
    ledger = Ledger()
    poison = [Entry(f"p-{number}", value, reason, STAMP_MS, None) for number, (_, value, reason) in enumerate(corpus())]
    assert len({entry.value for entry in poison}) >= 300
    assert len({entry.reason for entry in poison}) == 10
    outcome.notes.append(f"{len(poison)} kinds of poison, all ten reasons")
    await _allow(world, {"message.timestamp.after.max.ms": str(400 * 86_400_000)})  # the corpus has a date of its own
    world.start_worker()
    for seed in range(scale(1, 20)):
        good = [entry for entry in entries(seed, 3 * len(poison), datetime.now(UTC)) if not entry.reason]
        mixed = [replace(entry, event_id=f"{entry.event_id}-{seed}") for entry in poison] + good
        random.Random(seed).shuffle(mixed)
        await Publisher(world.bootstrap, world.topic, ledger).send(mixed)
    await verify(world, ledger)


async def _allow(world: World, config: Mapping[str, str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=world.bootstrap)
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, world.topic, dict(config))])
    finally:
        await admin.close()


async def test_packed_batches(world: World, outcome: Outcome, verify: Verify) -> None:
    ledger = Ledger()
    world.start_worker()
    for seed, codec in enumerate(CODECS):
        made = list(entries(seed, scale(1000, 30_000), datetime.now(UTC)))
        await Publisher(world.bootstrap, world.topic, ledger, compression_type=codec).send(made)
    outcome.notes.append(", ".join(CODECS))
    await verify(world, ledger)


@pytest.mark.parametrize("content", [pytest.param("zeros", marks=WHOLE), "noise"])
async def test_forty_megabytes_packed_small(content: str, world: World, outcome: Outcome, verify: Verify) -> None:
    """Both are cut: zeros, which the dead-letter topic would bear packed, and noise, which only zstd's window packs."""
    piece = b"0" * (MB // 2) if content == "zeros" else os.urandom(MB // 2)
    bomb = Entry("bomb", piece * 80, "too_large", int(datetime.now(UTC).timestamp() * 1000), None)
    ledger, bombs = Ledger(), Ledger()
    await publish(world, ledger, seed=1, count=500)
    worker = world.start_worker()
    await world.all_committed(ledger.acknowledged)
    await until(lambda: is_ready(worker), f"it has joined\n{world.tails()}")
    usual_mb = peak_mb(worker)
    publisher = Publisher(world.bootstrap, world.topic, bombs, compression_type="zstd", max_request_size=64 * MB)
    for seed in range(scale(1, 3)):
        await publish(world, ledger, seed=10 + seed, count=500)
        await publisher.send([bomb] * 4)
        await publish(world, ledger, seed=20 + seed, count=500)
    await world.all_committed(bombs.acknowledged, 120)
    outcome.notes.append(f"peak resident memory {peak_mb(worker):.0f} MB, without such records {usual_mb:.0f} MB")
    assert worker.alive
    assert peak_mb(worker) < usual_mb + 500
    await hold_bombs(world, bombs, bomb)
    await verify(world, ledger)


async def hold_bombs(world: World, bombs: Ledger, bomb: Entry) -> None:
    """Each was rejected as too large, and its dead letter holds it, or its beginning and how long it was."""
    rows = world.address.query(f"SELECT partition, offset, reason FROM rejected FINAL WHERE topic = '{world.topic}'")
    reasons = {(row["partition"], row["offset"]): row["reason"] for row in rows}
    found = {}
    for letter in await letters(world.bootstrap, world.dlq_topic):
        headers = {name: value.decode() for name, value in letter.headers}
        found[int(headers["cx-partition"]), int(headers["cx-offset"])] = letter.value, headers
    assert bomb.value is not None
    for position in bombs.acknowledged:
        assert reasons.get(position) == "too_large"
        value, headers = found[position]
        assert headers["cx-reason"] == "too_large"
        assert (value, int(headers["cx-truncated-from"])) == (bomb.value[:KEPT_BYTES], len(bomb.value))


async def test_topics_that_we_create_have_a_limit(world: World) -> None:
    names = [f"{world.topic}-made", f"{world.topic}-made.dlq"]
    worker = world.start_worker(CXB_KAFKA_TOPIC=names[0], CXB_KAFKA_DLQ_TOPIC=names[1])
    await until(lambda: is_ready(worker), f"it has joined\n{world.tails()}")
    admin = AIOKafkaAdminClient(bootstrap_servers=world.bootstrap)
    await admin.start()
    try:
        requested = [ConfigResource(ConfigResourceType.TOPIC, name, {"max.message.bytes": None}) for name in names]
        answers = await admin.describe_configs(requested)
    finally:
        await admin.close()
    limits = {name: int(entry[1]) for answer in answers for _, _, _, name, found in answer.resources for entry in found}
    assert limits == {names[0]: MB, names[1]: 2 * MB}


def test_corpus_is_json_where_it_says_so() -> None:
    """A slip in the corpus itself would go unseen where decoder and corpus agree by chance."""
    for name, value, reason in corpus():
        if reason in ("missing_field", "bad_type", "unknown_kind", "score_out_of_range", "too_old", "in_future"):
            assert isinstance(json.loads(value or b"", parse_int=str), dict), name
