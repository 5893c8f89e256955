"""Records of sources in a worker: mapped, rejected with their place, reloaded, sent through again, erased."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faust.types import TP

from metrics.events.pseudonyms import pseudonym
from metrics.events.scope import Scope, scope_header
from metrics.sources.routing import REDRIVEN
from streams.ingest.foreign import topics_to_read
from streams.operations import redrive as redriving
from streams.operations.erase import erase_dead_letters
from streams.operations.redrive import redrive
from streams.settings.settings import KafkaSettings
from streams.sources.file import SourcesWatcher
from streams.store.client import Store
from streams.store.erased import remember
from streams.store.rejected import Selection
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.engine import EngineProcess
from tests.streams.given import KEY, NOON, encoded, event, everything_in, records, until
from tests.streams.group import kafka_of, member, send, settings_of
from tests.streams.ingesting import TOPIC, Make

pytestmark = pytest.mark.kafka

SURVEYS = """
[[source]]
name = "surveys"
topic = "TOPIC"
drop = "test"
[source.fields]
event_id = { path = "id" }
occurred_at = { path = "answered", time = "epoch_s" }
customer = { path = "who.mail" }
touchpoint = "web.checkout"
[[source.event]]
kind = "nps"
score = { path = "answer" }
"""


def answer(number: int, score: Any = 9, **more: Any) -> dict[str, Any]:
    return {
        "id": f"e-{number}",
        "answered": int(NOON.timestamp()),
        "who": {"mail": "anna@x.it"},
        "answer": score,
    } | more


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(SURVEYS.replace("TOPIC", "surveys.*"))
    return path


@pytest.fixture
def without_topic(sources: Path) -> Path:
    sources.write_text(SURVEYS.replace('topic = "TOPIC"\n', ""))
    return sources


def understand(sources: Path, words: str) -> None:
    """Has a source say which scores words stand for."""
    sources.write_text(sources.read_text().replace('"answer" }', f'"answer", table = {{ {words} }} }}'))


async def test_records_of_a_source_land_as_events_and_the_others_are_rejected_with_their_place(
    make_world: Make, sources: Path
) -> None:
    world = make_world(sources=sources)
    world.erased = {"e-3"}  # dropped on purpose, so it need not land
    taken = records([answer(1), answer(2, "nine"), answer(3, test=True), b"{", answer(4, 11)])
    await world.ingest.take(world.chunk(taken, topic="surveys.web"))
    await world.ingest.take(world.chunk(records([event(5)])))
    await world.ingest.land()
    rows = await world.ask("SELECT * FROM events FINAL ORDER BY event_id")
    assert [(row["event_id"], row["source"], row["customer"], row["department"]) for row in rows] == [
        ("e-1", "surveys", pseudonym("anna@x.it", KEY), "sales"), ("e-5", "shop", "", "sales"),
    ]  # fmt: skip
    rejected = await world.ask("SELECT * FROM rejected FINAL ORDER BY offset")
    assert [(row["topic"], row["offset"], row["reason"], row["detail"]) for row in rejected] == [
        ("surveys.web", 1, "bad_value",
         "source surveys, score from answer: must be a number (it is <text: 4 characters>)"),
        ("surveys.web", 3, "not_json", "source surveys: Input data was truncated"),
        ("surveys.web", 4, "score_out_of_range",
         "source surveys, score from answer: score of nps must be 0 to 10, not 11"),
    ]  # fmt: skip
    assert "anna" not in str(rejected)
    letters = await everything_in(*world.letters)
    assert [dict(letter.headers)["cx-source"] for letter in letters] == [b"surveys"] * 3
    assert letters[0].value == encoded(answer(2, "nine"))
    assert world.commits == [{TP("surveys.web", 0): 5, TP(TOPIC, 0): 1}]
    text = world.telemetry.exposition().decode()
    for outcome, count in (("mapped", 1), ("rejected", 3), ("dropped", 1)):
        assert f'cx_source_records_total{{outcome="{outcome}",source="surveys"}} {count}.0' in text


async def test_a_record_of_our_own_topic_that_names_its_source_is_mapped(make_world: Make, without_topic: Path) -> None:
    world = make_world(sources=without_topic)
    named, unnamed = records([answer(1), event(2)])
    await world.ingest.take(world.chunk([replace(named, headers=(("cx-source", b"surveys"),)), unnamed]))
    await world.ingest.land()
    assert await world.landed() == {"e-1", "e-2"}


async def test_what_decides_about_headers_does_so_whoever_reads_the_records_around_them(
    make_world: Make, without_topic: Path
) -> None:
    world, trace = make_world(sources=without_topic), ("traceparent", b"00-4b-1")
    named, elsewhere = ("cx-source", b"surveys"), ("cx-scope", scope_header(Scope("surveys", ["nowhere.*"])) or b"")
    chunks: list[list[tuple[tuple[tuple[str, bytes], ...], Any]]] = [
        [((trace,), event(1)), ((), event(2)), ((trace,), event(3, score=11))],
        [((trace, named), answer(4)), ((named, elsewhere), answer(5)), ((trace,), event(6)), ((), event(7))],
        [((("cx-source", b"other"),), event(8)), ((elsewhere,), event(9)), ((trace,), event(1, score=2))],
    ]
    first = 0
    for chunk in chunks:
        taken = records([value for _, value in chunk], first)
        headed = [replace(record, headers=headers) for record, (headers, _) in zip(taken, chunk, strict=True)]
        await world.ingest.take(world.chunk(headed))
        first += len(chunk)
    await world.ingest.land()
    scores = {row["event_id"]: row["score"] for row in await world.ask("SELECT event_id, score FROM events FINAL")}
    assert scores == {"e-1": 2, "e-2": 5, "e-4": 9, "e-6": 5, "e-7": 5, "e-9": 5}
    rejected = await world.ask("SELECT offset, reason FROM rejected FINAL ORDER BY offset")
    assert [tuple(row.values()) for row in rejected] == [(2, "score_out_of_range"), (4, "bad_value"), (7, "bad_value")]
    assert world.commits == [{TP(TOPIC, 0): first}]


async def test_a_record_that_is_sent_through_again_goes_where_it_came_from(make_world: Make, sources: Path) -> None:
    world = make_world(sources=sources)
    marks = [b'{"topic":"surveys.web","partition":0,"offset":1,"fingerprint":1}', b"[", b'{"topic":"other"}']
    taken = [
        replace(record, headers=((REDRIVEN, mark),))
        for record, mark in zip(records([answer(1), event(2), event(3)]), marks, strict=True)
    ]
    await world.ingest.take(world.chunk(taken))
    await world.ingest.land()
    assert await world.landed() == {"e-1", "e-2"}
    (rejected,) = await world.ask("SELECT detail FROM rejected FINAL")
    assert "no [[source]] of its topic" in rejected["detail"]


def test_a_worker_reads_the_topics_of_its_sources_and_never_its_own_dead_letters() -> None:
    kafka = KafkaSettings(topic="cx", dlq_topic="cx.dlq")
    there = ["cx", "cx.dlq", "__consumer_offsets", "surveys.a", "surveys.b", "crm"]
    assert topics_to_read(["*"], there, kafka) == ["crm", "surveys.a", "surveys.b"]
    assert topics_to_read(["surveys.*", "later", "cx.dlq"], there, kafka) == ["later", "surveys.a", "surveys.b"]
    assert topics_to_read([], there, kafka) == []


async def test_a_member_reads_a_foreign_topic_next_to_ours_and_follows_the_file(
    kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess, store: Store, registry_path: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    topic, foreign = kafka_topic(partitions=2), kafka_topic(partitions=2)
    dlq = kafka_topic(partitions=1)
    path = tmp_path / "sources.toml"
    path.write_text(SURVEYS.replace("TOPIC", foreign))
    watcher = SourcesWatcher(path)
    settings = settings_of(
        kafka_of(kafka.bootstrap, topic, dlq_topic=dlq), engine.settings(store.database), max_age_days=100_000
    )
    await send(kafka.bootstrap, topic, [encoded(event(n)) for n in range(5)], 0)
    await send(kafka.bootstrap, foreign, [encoded(answer(n)) for n in range(5, 10)], 0)
    await send(kafka.bootstrap, foreign, [encoded(answer(10, "x"))], 1)
    async with member(settings, store, registry_path, sources=watcher) as worker:
        wanted = {TP(topic, 0): 5, TP(foreign, 0): 5, TP(foreign, 1): 1}
        await until(lambda: worker.ingest.status.cursors == wanted and worker.ingest.status.idle)
        assert await worker.landed() == {f"e-{n}" for n in range(10)}
        assert worker.consumer.lags() == {0: 0, 1: 0}
        assert worker.consumer.is_elected()
        path.write_text(SURVEYS.replace("TOPIC", foreign).replace('path = "answer"', 'path = "answer.stars"'))
        assert watcher.check()
        await send(kafka.bootstrap, foreign, [encoded(answer(11, {"stars": 3}))], 1)
        await until(lambda: worker.ingest.status.cursors[TP(foreign, 1)] == 2 and worker.ingest.status.idle)
        assert "e-11" in await worker.landed()
        path.write_text(SURVEYS.replace("TOPIC", foreign).replace('"answer" }', '"answer", table = { "x" = 1 } }'))
        assert watcher.check()
        redriving.POLL_MS = 200  # type: ignore[misc]  # quick
        counts = await redrive(settings.kafka, store, Selection(), (KEY,), dry_run=False)
        assert counts.sent == {"bad_value": 1}
        await until(lambda: sum(n for tp, n in worker.ingest.status.cursors.items() if tp.topic == topic) == 6)
        await until(lambda: worker.ingest.status.idle)
        assert "e-10" in await worker.landed()
        await until(lambda: _none_listed(store))


async def test_what_a_token_may_send_holds_for_a_webhooks_record_that_is_sent_through_again(
    kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess, store: Store, registry_path: Path,
    without_topic: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(redriving, "POLL_MS", 200)
    topic, watcher = kafka_topic(partitions=1), SourcesWatcher(without_topic)
    settings = settings_of(
        kafka_of(kafka.bootstrap, topic, dlq_topic=kafka_topic(partitions=1)), engine.settings(store.database),
        max_age_days=100_000,
    )  # fmt: skip
    for number, touchpoints in ((1, "web.*"), (2, "fair.*")):
        header = scope_header(Scope("surveys", [touchpoints]))
        assert header is not None
        headers = [("cx-source", b"surveys"), ("cx-scope", header)]
        await send(kafka.bootstrap, topic, [encoded(answer(number, "x"))], headers=headers)
    async with member(settings, store, registry_path, sources=watcher) as worker:
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 2} and worker.ingest.status.idle)
        assert await worker.landed() == set()
        understand(without_topic, '"x" = 1')
        assert watcher.check()
        redriven = await redrive(settings.kafka, store, Selection(), (KEY,), dry_run=False)
        assert redriven.sent == {"bad_value": 2}
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 4} and worker.ingest.status.idle)
        assert await worker.landed() == {"e-1"}
    (left,) = await asyncio.to_thread(store.query, "SELECT detail FROM rejected FINAL WHERE resolved_at IS NULL")
    assert left["detail"] == "source surveys: touchpoint must match fair.*: this token is for no other"


async def _none_listed(store: Store) -> bool:
    rows = await asyncio.to_thread(store.query, "SELECT count() AS n FROM rejected FINAL WHERE resolved_at IS NULL")
    return int(rows[0]["n"]) == 0


async def test_dead_letters_of_a_source_name_a_person_in_whatever_field(
    make_world: Make, sources: Path, store: Store
) -> None:
    """Our own events name customers in fields of that name; a survey tool's in any."""
    world = make_world(sources=sources)
    world.erased = {"e-1", "e-3"}
    remember(store, [pseudonym("ben@x.it", KEY)], NOON.replace(year=2027))
    ben, anna = answer(1, "x", who={"mail": "ben@x.it"}), answer(2, "x")
    note = answer(3, "x", who=None, comment="call ben@x.it, please")
    await world.ingest.take(world.chunk(records([ben, anna, note]), topic="surveys.web"))
    await world.ingest.land()
    letters = await everything_in(*world.letters)
    assert [json.loads(letter.value)["id"] for letter in letters] == ["e-2"]
    redriving.POLL_MS = 200  # type: ignore[misc]  # quick
    bootstrap, dlq = world.letters
    result = await erase_dead_letters(KafkaSettings(bootstrap_servers=bootstrap, dlq_topic=dlq), "anna@x.it")
    assert (result.gone, result.left) == (1, 0)
    assert await everything_in(*world.letters) == []
