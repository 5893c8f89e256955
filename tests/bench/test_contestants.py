"""Contestants that share no code with the service: a small job each, and records with every fault they look for."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from bench.events import START, Expected, events, expected, registry_text
from bench.job import KEY, decoded
from bench.outside import Address, create_topic, store
from bench.results import Expectation
from bench.rounds import COMPILED, CONTESTANTS, Contestant, Course
from metrics.events import facts
from metrics.registry import parse
from metrics.registry.attribution import Attribution
from streams.settings.settings import ClickHouseSettings
from streams.store.client import Store
from streams.store.migrations import migrate
from tests.kafka.broker import KafkaBroker

AT_MS = int(START.timestamp() * 1000) + 3_600_000
AT = "2026-01-01T01:00:00.000+00:00"
EVENTS = 5_000  # with each fault of bench.events
VISIT = {"source": "s", "kind": "visit", "touchpoint": "t001.page", "occurred_at": AT, "customer": "c-1"}
NPS, SALE = VISIT | {"kind": "nps"}, VISIT | {"kind": "conversion"}
CHANGES: dict[str, dict[str, Any]] = {
    "usual": VISIT,
    "usual score": NPS | {"score": 10},
    "usual amount": SALE | {"amount": "19.90", "currency": "EUR"},
    "amount as a number": SALE | {"amount": 7.25, "currency": "EUR"},
    "counted": VISIT | {"count": 1_000_000_000},
    "all texts": VISIT | {"journey": "j", "segment": "smb", "region": "é" * 64},
    "no customer": VISIT | {"customer": ""},
    "another offset": VISIT | {"occurred_at": "2026-01-01T02:00:00.123456+01:00"},
    "escape": VISIT | {"journey": '\u20ac"'},
    "nobody owns it": VISIT | {"touchpoint": "t999.page"},
    "score too high": NPS | {"score": 11},
    "score missing": NPS,
    "score of a visit": VISIT | {"score": 1},
    "count of a score": NPS | {"score": 1, "count": 1},
    "count of none": VISIT | {"count": 0},
    "amount without currency": SALE | {"amount": "1"},
    "currency without amount": SALE | {"currency": "EUR"},
    "amount of a visit": VISIT | {"amount": "1", "currency": "EUR"},
    "negative amount": SALE | {"amount": "-1", "currency": "EUR"},
    "five decimals": SALE | {"amount": "1.00001", "currency": "EUR"},
    "small currency": SALE | {"amount": "1", "currency": "eur"},
    "touchpoint in capitals": VISIT | {"touchpoint": "T001"},
    "long label": VISIT | {"segment": "x" * 65},
    "long customer": VISIT | {"customer": "x" * 129},
    "empty label": VISIT | {"region": ""},
    "unknown kind": VISIT | {"kind": "visits"},
    "no such day": VISIT | {"occurred_at": "2026-02-30T00:00:00Z"},
    "no zone, too late": VISIT | {"occurred_at": "2026-01-01T01:05:01"},
    "too old": VISIT | {"occurred_at": "2024-11-01T00:00:00Z"},
    "in the future": VISIT | {"occurred_at": "2026-01-01T01:05:01Z"},
    "too large": VISIT | {"journey": "x" * (64 << 10)},
}
STRICTER: dict[str, dict[str, Any]] = {
    "no zone": VISIT | {"occurred_at": AT[:-6]},
    "null": VISIT | {"journey": None},
    "score as a text": NPS | {"score": "7"},
    "control character": VISIT | {"journey": "a\nb"},
}
"""What the service and the compiled contestant reject, and ClickHouse only lands."""
pytestmark = [pytest.mark.long, pytest.mark.slow]


def named(name: str) -> Contestant:
    """The contestant of a name."""
    return next(contestant for contestant in CONTESTANTS if contestant.name == name)


@pytest.fixture(params=["compiled", "ClickHouse only"])
def contestant(request: pytest.FixtureRequest) -> Contestant:
    """Each of them; the compiled one where it was built, which takes some minutes."""
    if request.param == "compiled" and not COMPILED.exists():
        pytest.skip("the compiled contestant is not built: make bench-compiled")
    return named(request.param)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ClickHouseSettings, int]]:
    """A store of their own: they make tables in it."""
    with store(tmp_path_factory.mktemp("store")) as kept:
        list(migrate(Store(kept[0])))
        yield kept


@pytest.fixture
def course(
    kafka: KafkaBroker, kept: tuple[ClickHouseSettings, int], fresh_name: Callable[[], str], tmp_path: Path
) -> Callable[[Sequence[tuple[bytes, int]], Expected], Course]:
    """A course of some values with timestamps, and what landing them comes to."""
    (tmp_path / "registry.toml").write_text(registry_text())

    def filled(records: Sequence[tuple[bytes, int]], outcome: Expected) -> Course:
        topic = fresh_name()
        asyncio.run(published(kafka.bootstrap, topic, records))
        at, expectation = Address(kafka.bootstrap, kafka.pid), Expectation(len(records), outcome)
        return Course(at, kept, topic, tmp_path / "registry.toml", expectation)

    return filled


async def published(address: str, topic: str, records: Sequence[tuple[bytes, int]]) -> None:
    """Publishes records to a topic of their own, copies to the partition of the original."""
    await create_topic(address, topic)
    async with AIOKafkaProducer(bootstrap_servers=address, linger_ms=20) as producer:
        sent = [
            await producer.send(topic, value, partition=number // 100 % 4, timestamp_ms=stamp_ms)
            for number, (value, stamp_ms) in enumerate(records)
        ]
        await asyncio.gather(*sent)


def outcome_of(records: Sequence[tuple[bytes, int]]) -> Expected:
    """What the service's own code makes of records."""
    run, registry = decoded(records), parse(registry_text())
    columns = facts.columns(run.events, run.occurred_ms, Attribution(registry), registry.version, KEY)
    rows = dict(zip(facts.COLUMNS, columns, strict=True))
    return Expected(
        unique=len(set(rows["event_id"])),
        scores=sum(score or 0 for score in rows["score"]),
        counts=sum(rows["count"]),
        amounts=sum((amount or Decimal(0) for amount in rows["amount"]), Decimal(0)),
        departments=Counter(rows["department"]),
    )


def written(fields: dict[str, dict[str, Any]]) -> list[tuple[bytes, int]]:
    """Records, each with an id of its own."""
    return [(json.dumps({"event_id": name[:64]} | values).encode(), AT_MS) for name, values in fields.items()]


def malformed() -> list[tuple[bytes, int]]:
    """What is no object of JSON, or lacks what each event has."""
    usual = json.dumps({"event_id": "m"} | VISIT)
    values = ["", "null", "[]", "7", usual[:-1], usual + "}", usual.replace('"source"', '"sauce"'), '"' + usual]
    values += [json.dumps(["m", *VISIT.values()]), usual.replace("c-1", "c-\x01")]
    return [(value.encode(), AT_MS) for value in values] + [(usual.encode() + b"\xff", AT_MS)]


def test_the_small_job_comes_to_what_all_contestants_must_give(
    contestant: Contestant, course: Callable[..., Course]
) -> None:
    taken = asyncio.run(course(list(events(EVENTS)), expected(EVENTS)).run(contestant))
    assert min(taken.cpu_s, taken.store_cpu_s, taken.peak_mb, taken.wall_s) > 0


def test_a_job_with_another_outcome_does_not_count(contestant: Contestant, course: Callable[..., Course]) -> None:
    outcome = expected(EVENTS)
    wrong = replace(outcome, departments=outcome.departments - Counter(d0=1) + Counter(d1=1))
    with pytest.raises(RuntimeError, match="gave"):
        asyncio.run(course(list(events(EVENTS)), wrong).run(contestant))


def test_records_are_taken_and_left_as_the_service_does(contestant: Contestant, course: Callable[..., Course]) -> None:
    records = [*written(CHANGES), *malformed()]
    if contestant.name == "compiled":
        records += written(STRICTER)
    outcome = outcome_of(records)
    assert 10 <= outcome.unique < len(records) / 2
    asyncio.run(course(records, outcome).run(contestant))


def test_clickhouse_only_lands_what_the_service_rejects(course: Callable[..., Course]) -> None:
    usual = written({"usual amount": CHANGES["usual amount"]})
    records = [*usual, *written(STRICTER)]
    outcome, count = outcome_of(records), len(records)
    assert outcome == outcome_of(usual)
    owners = Counter(dict.fromkeys(outcome.departments, count))
    landed = replace(outcome, unique=count, scores=7, counts=count, departments=owners)
    asyncio.run(course(records, landed).run(named("ClickHouse only")))
