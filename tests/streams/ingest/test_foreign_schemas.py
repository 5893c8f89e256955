"""Records in Avro, Protobuf and JSON Schema in a worker: read by their schemas, held while the registry is away."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streams.errors import ConfigurationError
from streams.sources.file import SourcesWatcher
from tests.streams.given import NOON, encoded, event, everything_in, records
from tests.streams.ingesting import Make
from tests.streams.schemas import avro_payload, framed, guid_header, schema_server

pytestmark = pytest.mark.kafka

SOURCE = """
[[source]]
name = "FORMAT"
topic = "FORMAT.*"
format = "FORMAT"
[source.fields]
event_id = { path = "id" }
occurred_at = { path = "at" }
customer = { path = "who.mail" }
touchpoint = "web.checkout"
[[source.event]]
kind = "nps"
score = { path = "score" }
"""
ANSWER = {"type": "record", "name": "Answer", "fields": [
    {"name": "id", "type": "string"},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    {"name": "who", "type": [
        "null", {"type": "record", "name": "Who", "fields": [{"name": "mail", "type": "string"}]},
    ]},
    {"name": "score", "type": ["null", "int", "string"]},
]}  # fmt: skip
PROTO = """
syntax = "proto3";
import "google/protobuf/timestamp.proto";
message Other { string id = 1; }
message Answer { string id = 1; google.protobuf.Timestamp at = 2; int32 score = 3; Who who = 4; }
message Who { string mail = 1; }
"""
SECONDS = int(NOON.timestamp())


def avro(number: int, score: Any = 9) -> bytes:
    who = {"mail": "anna@x.it"}
    return avro_payload(ANSWER, {"id": f"e-{number}", "at": NOON, "who": who, "score": score})


def proto(number: int, score: int = 9) -> bytes:
    stamp, rest = b"\x08", SECONDS
    while rest > 127:
        stamp, rest = stamp + bytes((rest & 127 | 128,)), rest >> 7
    stamp += bytes((rest,))
    identity = f"e-{number}".encode()
    score_bytes = bytes((0x18, score)) if score else b""  # proto3 does not write a zero
    return bytes((10, len(identity))) + identity + bytes((0x12, len(stamp))) + stamp + score_bytes


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text("".join(SOURCE.replace("FORMAT", form) for form in ("avro", "protobuf", "json-schema")))
    return path


async def ids_and_scores(world: Any) -> list[tuple[str, int]]:
    rows = await world.ask("SELECT event_id, score FROM events FINAL ORDER BY event_id")
    return [(row["event_id"], row["score"]) for row in rows]


async def test_records_of_each_format_land_and_what_cannot_be_read_is_rejected_with_its_source(
    make_world: Make, sources: Path
) -> None:
    with schema_server() as server:
        server.add(8, PROTO, "PROTOBUF")
        server.add(7, ANSWER)  # the last one is the GUID's
        world = make_world(sources=sources, schema_registry=server.settings)
        values = [framed(7, avro(1)), framed(7, avro(2, "nine")), framed(9, avro(3)), b"{}", framed(7, b"\x02"),
                  framed(8, b"\0" + proto(4))]  # fmt: skip
        by_guid = replace(records([avro(5, 0)])[0], offset=6, headers=(guid_header(),))
        world.erased = {"e-5"}  # looked for below: its bytes are not in JSON
        await world.ingest.take(world.chunk([*records(values), by_guid], topic="avro.web"))
        await world.ingest.take(world.chunk(records([framed(8, b"\2\2" + proto(6, 0))]), topic="protobuf.web"))
        plain = {"id": "e-7", "at": NOON.isoformat(), "score": 3}
        await world.ingest.take(world.chunk(records([framed(99, encoded(plain)), b"\0x"]), topic="json-schema.web"))
        await world.ingest.land()
        assert await ids_and_scores(world) == [("e-1", 9), ("e-5", 0), ("e-6", 0), ("e-7", 3)]
        rejected = await world.ask("SELECT * FROM rejected FINAL ORDER BY topic, offset")
        assert [(row["topic"], row["offset"], row["reason"], row["detail"]) for row in rejected] == [
            ("avro.web", 1, "bad_value",
             "source avro, score from score: must be a number (it is <text: 4 characters>)"),
            ("avro.web", 2, "unknown_schema",
             "source avro: schema 9 is not in the schema registry: was it registered in another one?"),
            ("avro.web", 3, "unreadable",
             "source avro: the value does not begin with a schema id in Confluent's wire format"),
            ("avro.web", 4, "unreadable",
             "source avro: the bytes do not fit the Avro schema (EOFError), schema 7"),
            ("avro.web", 5, "unknown_schema", "source avro: schema 8 is of the format protobuf"),
            ("json-schema.web", 1, "unreadable",
             "source json-schema: the value does not begin with a schema id in Confluent's wire format"),
        ]  # fmt: skip
        letters = await everything_in(*world.letters)
        assert letters[0].value == values[1]
        assert len(server.asked) == len(set(server.asked))  # each once


async def test_while_the_registry_is_away_records_wait_and_nothing_is_rejected(make_world: Make, sources: Path) -> None:
    with schema_server() as server:
        server.add(7, ANSWER)
        server.status, server.body = 503, b"starting"
        world = make_world(sources=sources, schema_registry=server.settings)
        await world.ingest.take(world.chunk(records([event(1)])))
        taking = asyncio.create_task(world.ingest.take(world.chunk(records([framed(7, avro(2))]), topic="avro.web")))
        await until_stalled(world)
        await world.ingest.land()
        assert await ids_and_scores(world) == [("e-1", 5)]  # what was taken before lands all the same
        assert not taking.done()
        server.status, server.body = 200, b""
        await asyncio.wait_for(taking, 30)
        await world.ingest.land()
        assert await ids_and_scores(world) == [("e-1", 5), ("e-2", 9)]
        assert world.ingest.status.stalled_since is None
        assert await world.ask("SELECT * FROM rejected FINAL") == []


async def until_stalled(world: Any) -> None:
    async with asyncio.timeout(30):
        while world.ingest.status.stalled_since is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert "cx_ingest_stalled 1.0" in world.telemetry.exposition().decode()


async def test_a_worker_that_ends_while_it_waits_takes_nothing(make_world: Make, sources: Path) -> None:
    with schema_server() as server:
        server.add(7, ANSWER)
        server.status, server.body = 503, b"starting"
        world = make_world(sources=sources, schema_registry=server.settings)
        taking = asyncio.create_task(world.ingest.take(world.chunk(records([framed(7, avro(2))]), topic="avro.web")))
        await until_stalled(world)
        await world.ingest.finish()
        server.status, server.body = 200, b""
        await asyncio.wait_for(taking, 30)
        assert world.commits == []
        assert world.ingest.status.cursors == {}


def test_a_file_that_needs_a_registry_is_refused_without_one(sources: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"the source avro cannot be read .* set CXB_SCHEMA_REGISTRY_URL"):
        SourcesWatcher(sources, has_schemas=False)
    sources.write_text(SOURCE.replace("FORMAT", "json-schema"))
    SourcesWatcher(sources, has_schemas=False)


async def test_many_unknown_schemas_are_asked_for_once_each(make_world: Make, sources: Path) -> None:
    with schema_server() as server:
        world = make_world(sources=sources, schema_registry=server.settings)
        await world.ingest.take(world.chunk(records([framed(n % 50, b"x") for n in range(500)]), topic="avro.web"))
        assert len(server.asked) == 50
        assert json.dumps(server.asked).count("/schemas/ids/") == 50
