import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from metrics.events import facts
from metrics.events.pseudonyms import pseudonyms
from streams.figures import minutes as cells
from streams.operations import erase
from streams.operations.erase import erase_dead_letters, erase_from_store
from streams.registry.file import CompiledRegistry
from streams.settings.settings import KafkaSettings
from streams.store.client import NO_PARAMETERS, Store
from streams.store.statements import Fragment, Query, R, Statement
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.engine import EngineProcess
from tests.streams.given import KEY, NOON, encoded, event, everything_in, facts_of

OLD_KEY = b"o" * 32


class CutOffAfterFacts(Store):
    """A store whose connection ends when the facts of a person have gone."""

    def run(self, statement: Statement, parameters: Mapping[str, Any] = NO_PARAMETERS, **other: Any) -> None:
        super().run(statement, parameters, **other)
        if statement.name.endswith("erase_facts"):
            raise ConnectionError("cut off")


def refresh(store: Store) -> None:
    for _ in cells.refresh(store, timedelta(minutes=5)):
        pass


def test_a_persons_facts_and_refusals_go_and_the_cells_are_computed_again(
    store: Store, compiled: CompiledRegistry
) -> None:
    events = [event(n, at=NOON + timedelta(minutes=n), customer="ann" if n % 2 else "bob", score=n) for n in range(10)]
    store.insert_facts(facts_of(events, compiled))
    hashes = pseudonyms("ann", (KEY, OLD_KEY))
    row = {
        "reason": "bad_value",
        "detail": "",
        "topic": "t",
        "partition": 0,
        "offset": 1,
        "payload": "",
        "fingerprint": 1,
    }
    store.insert_rejected([{**row, "customer": hashes[1]}, {**row, "offset": 2, "customer": "somebody-else"}])
    refresh(store)
    _, facts, minutes, rejected = erase_from_store(store, hashes)
    assert (facts, minutes, rejected) == (5, 5, 1)
    assert store.query("SELECT count() AS n FROM events WHERE customer = {c:String}", {"c": hashes[0]}) == [{"n": 0}]
    left = store.query("SELECT sum(n) AS n, sum(sum_score) AS score FROM cells_latest")
    assert left == [{"n": 5, "score": 0 + 2 + 4 + 6 + 8}]
    assert [row["offset"] for row in store.query("SELECT offset FROM rejected_latest")] == [2]
    remembered = store.query("SELECT customer FROM erased ORDER BY customer")
    assert [row["customer"] for row in remembered] == sorted(hashes)


class WithAnInsertInFlight(Store):
    """A store in which a worker's insert, begun before the person was noted, ends after a look that found none."""

    def __init__(self, store: Store, late: facts.Columns) -> None:
        super().__init__(store._settings)
        self._late: list[facts.Columns] = [late]

    def fetch(self, query: Query[R], parameters: Mapping[str, Any] = {}, **fragments: Fragment) -> list[R]:
        rows = super().fetch(query, parameters, **fragments)
        if query is erase._MINUTES and not rows and self._late:
            self.insert_facts(self._late.pop())
        return rows


def test_a_fact_that_lands_while_its_person_is_erased_goes_as_well(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erase, "IN_FLIGHT_S", 0.01)
    first, late = (facts_of([event(name, customer="ann")], compiled) for name in ("first", "late"))
    store.insert_facts(first)
    in_flight = WithAnInsertInFlight(store, late)
    _, erased, _, _ = erase_from_store(in_flight, pseudonyms("ann", (KEY,)))
    in_flight.close()
    assert erased == 2
    assert store.query("SELECT count() AS n FROM events_latest") == [{"n": 0}]
    assert store.query("SELECT count() AS n FROM cells_latest") == [{"n": 0}]


def test_a_person_nobody_knows_leaves_a_receipt_all_the_same(store: Store) -> None:
    _, facts, minutes, rejected = erase_from_store(store, pseudonyms("nobody", (KEY,)))
    assert (facts, minutes, rejected) == (0, 0, 0)
    assert store.query("SELECT count() AS n FROM erased") == [{"n": 1}]


@pytest.mark.long
def test_an_erasure_that_was_cut_off_when_facts_had_gone_is_finished_by_the_next(
    store: Store, engine: EngineProcess, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of([event(n, customer="ann" if n % 2 else "bob") for n in range(4)], compiled))
    refresh(store)
    with pytest.raises(ConnectionError):
        erase_from_store(CutOffAfterFacts(engine.settings(store.database)), pseudonyms("ann", (KEY,)))
    assert store.query("SELECT count() AS n FROM events FINAL") == [{"n": 2}]
    assert store.query("SELECT sum(n) AS n FROM cells_latest") == [{"n": 4}]
    erase_from_store(store, pseudonyms("ann", (KEY,)))
    assert store.query("SELECT sum(n) AS n FROM cells_latest") == [{"n": 2}]


@pytest.mark.parametrize("late", [1, 2])
def test_a_fact_that_lands_between_two_looks_goes_too(store: Store, compiled: CompiledRegistry, late: int) -> None:
    """A worker that looked at who is erased before the person was noted lands its facts after the first look."""
    store.insert_facts(facts_of([event(0, customer="bob")], compiled))
    on_their_way = [facts_of([event(number, customer="ann")], compiled) for number in range(1, late + 1)]

    def land_one() -> None:
        if on_their_way:
            store.insert_facts(on_their_way.pop(0))

    _, facts, _, _ = erase_from_store(store, pseudonyms("ann", (KEY,)), land_one)
    assert (facts, on_their_way) == (late, [])
    assert store.query("SELECT event_id FROM events FINAL") == [{"event_id": "e-0"}]


def test_only_hashes_reach_a_statement(store: Store) -> None:
    with pytest.raises(ValueError, match="not a customer's hash"):
        erase_from_store(store, ["x') OR 1 = 1 --"])
    assert store.query("SELECT count() AS n FROM erased") == [{"n": 0}]


@pytest.mark.kafka
async def test_a_persons_dead_letters_go_and_others_stay_whole(kafka: KafkaBroker, kafka_topic: TopicFactory) -> None:
    dlq = kafka_topic(partitions=1)
    settings = KafkaSettings(bootstrap_servers=kafka.bootstrap, topic="t", dlq_topic=dlq)
    letters = [
        (b"bob", encoded(event(1, customer="bob"))),
        (b"ann", encoded(event(2, customer="ann"))),
        (None, encoded(event(3, customer="ann"))),
        (None, b'{"customer": "ann", broken'),
        (None, '{"customer": "ann"}'.encode("utf-16")),
        (None, b'{"customerId": "ann", "customer": "x"}'),
        (None, b'{"customer": {"id": "ann"}}'),
        (None, b'{"customers": ["bob", "ann"]}'),
        (None, b'["customer", "ann"]'),
        (None, b'{"customer": "ann", "customer": "bob"}'),
        (b"eve", encoded(event(4, customer="eve", segment="ann"))),
    ]
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
    await producer.start()
    for key, value in letters:
        await producer.send_and_wait(dlq, value, key, headers=[("cx-reason", b"bad_value")])
    await producer.stop()
    gone, failed, remains, latest_ms = await erase_dead_letters(settings, "ann")
    assert (gone, failed) == (9, 0)
    assert latest_ms > NOON.timestamp() * 1000
    assert ["retention" in line for line in remains] == [True]
    left = await everything_in(kafka.bootstrap, dlq)
    assert sorted(record.key for record in left) == [b"bob", b"eve"]
    assert all(dict(record.headers) == {"cx-reason": b"bad_value"} for record in left)
    assert {json.loads(record.value)["customer"] for record in left} == {"bob", "eve"}


@pytest.mark.kafka
async def test_without_letters_of_the_person_the_topic_stays_as_it_is(
    kafka: KafkaBroker, kafka_topic: TopicFactory
) -> None:
    settings = KafkaSettings(bootstrap_servers=kafka.bootstrap, topic="t", dlq_topic=kafka_topic(partitions=1))
    gone, failed, remains, latest_ms = await erase_dead_letters(settings, "ann")
    assert (gone, failed, len(remains), latest_ms) == (0, 0, 1, -1)
