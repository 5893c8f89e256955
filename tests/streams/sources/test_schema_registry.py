"""The schema registry's client, on a server of the documented API: what it asks, keeps, and makes of each answer."""

import socket
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from metrics.sources.wire import KnownSchema, SchemaKey
from streams.errors import ConfigurationError
from streams.settings.schema_registry import SchemaRegistrySettings
from streams.settings.settings import load
from streams.sources.schema_registry import RegistryUnavailable, SchemaRegistry
from tests.streams.schemas import GUID, PASSWORD, USER, avro_payload, schema_server

MAIL = {"type": "record", "name": "shop.Mail", "fields": [{"name": "to", "type": "string"}]}
PERSON = {"type": "record", "name": "shop.Person", "fields": [{"name": "mail", "type": "shop.Mail"}]}
ANSWER = {"type": "record", "name": "shop.Answer", "fields": [{"name": "by", "type": "shop.Person"}]}
ONE, TWO, NINE = (SchemaKey("ids", number) for number in "129")


def decoded(registry: SchemaRegistry, key: SchemaKey, payload: bytes) -> Any:
    known = registry.lookup(key)
    assert isinstance(known, KnownSchema)
    return known.decode(payload, (0,))


def test_a_schema_is_asked_for_once_with_all_that_it_refers_to() -> None:
    with schema_server() as server:
        server.add(1, MAIL)
        server.add(2, PERSON, references=[{"name": "shop.Mail", "subject": "s1", "version": 1}])
        server.add(3, ANSWER, references=[{"name": "shop.Person", "subject": "s2", "version": 1}])
        registry = SchemaRegistry(server.settings)
        key = SchemaKey("ids", "3")
        assert registry.lookup(key) is None
        registry.fetch([key])
        assert decoded(registry, key, b"\x06ann") == {"by": {"mail": {"to": "ann"}}}
        assert server.asked == ["/schemas/ids/3", "/subjects/s2/versions/1", "/subjects/s1/versions/1"]
        registry.fetch([SchemaKey("guids", str(GUID))])
        assert server.asked[3] == f"/schemas/guids/{GUID}"


def test_a_proto_file_is_read_with_what_it_imports() -> None:
    with schema_server() as server:
        server.add(1, 'syntax = "proto3"; package a; message P { string mail = 1; }', "PROTOBUF")
        text = 'syntax = "proto3"; import "p.proto"; message A { a.P by = 1; }'
        server.add(2, text, "PROTOBUF", [{"name": "p.proto", "subject": "s1", "version": 1}])
        registry = SchemaRegistry(server.settings)
        registry.fetch([TWO])
        assert decoded(registry, TWO, b"\x0a\x05\x0a\x03ann") == {"by": {"mail": "ann"}}


def test_that_a_schema_is_not_there_is_believed_for_a_while() -> None:
    now = [100.0]
    with schema_server() as server:
        registry = SchemaRegistry(server.settings, clock=lambda: now[0])
        registry.fetch([NINE])
        why = registry.lookup(NINE)
        assert why == "schema 9 is not in the schema registry: was it registered in another one?"
        now[0] += 29
        assert registry.lookup(NINE) == why
        now[0] += 2
        assert registry.lookup(NINE) is None
        server.add(9, MAIL)
        registry.fetch([NINE])
        assert isinstance(registry.lookup(NINE), KnownSchema)


@pytest.mark.parametrize(
    ("schema", "kind", "references", "why"),
    [
        ("nonsense", "AVRO", (), "schema 1 cannot be used: it is no Avro schema"),
        ("msg", "PROTOBUF", (), "schema 1 cannot be used: it is no .proto file"),
        ({"type": "object"}, "JSON", (), "schema 1 cannot be used: it is of the type JSON"),
        (MAIL, "AVRO", [{"name": "x", "subject": "s1", "version": 1}], "refers to itself"),
        (MAIL, "AVRO", [{"name": "x", "subject": "s7/?#", "version": 1}], "is not in the schema registry"),
    ],
)
def test_a_schema_that_cannot_be_used_says_why(schema: Any, kind: str, references: Any, why: str) -> None:
    with schema_server() as server:
        server.add(1, schema, kind, references)
        registry = SchemaRegistry(server.settings)
        registry.fetch([ONE])
        assert why in str(registry.lookup(ONE))
        assert all("#" not in path for path in server.asked)


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (500, b"{}", "answered /schemas/ids/1 with 500"),
        (503, b"<html>", "with 503"),
        (404, b"<html>no such page</html>", "is CXB_SCHEMA_REGISTRY_URL the address of its API?"),
        (404, b'{"error_code": 404}', "the address of its API?"),
        (401, b"{}", "check CXB_SCHEMA_REGISTRY_USER"),
        (403, b'{"error_code": 40301}', "check CXB_SCHEMA_REGISTRY_USER"),
        (302, b"", "with 302"),
        (200, b"<html>", "with 200"),
        (200, b"[]", "with what is no schema"),
        (200, b'{"schema": 7}', "with what is no schema"),
        (200, b"[" * 100_000, "with 200"),
    ],
)
def test_any_other_answer_says_nothing_about_the_schema(status: int, body: bytes, why: str) -> None:
    with schema_server() as server:
        server.status, server.body = status, body
        registry = SchemaRegistry(server.settings)
        with pytest.raises(RegistryUnavailable) as unavailable:
            registry.fetch([ONE])
        assert why in str(unavailable.value)
        assert registry.lookup(ONE) is None


def test_a_registry_that_is_away_is_named() -> None:
    with schema_server() as server:
        settings = server.settings
    with pytest.raises(RegistryUnavailable, match=rf"the schema registry at {settings.url} does not answer"):
        SchemaRegistry(settings).check()


def test_the_password_is_sent_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(PASSWORD + "\n")
    file.chmod(0o600)
    with schema_server() as server:
        server.guarded = True
        server.add(1, MAIL)
        for more in ({"password": PASSWORD}, {"password_file": file}):
            settings = SchemaRegistrySettings(url=server.settings.url, user=USER, **more)
            registry = SchemaRegistry(settings)
            registry.fetch([ONE])
            assert decoded(registry, ONE, avro_payload(MAIL, {"to": "ann"})) == {"to": "ann"}
            assert registry.check() == ["AVRO", "PROTOBUF", "JSON"]
            assert PASSWORD not in repr(settings)
        wrong = SchemaRegistry(SchemaRegistrySettings(url=server.settings.url, user=USER, password="guess work"))
        with pytest.raises(RegistryUnavailable) as unavailable:
            wrong.fetch([ONE])
        assert "guess" not in str(unavailable.value)


def test_a_file_that_others_may_read_or_that_is_not_there_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("x")
    file.chmod(0o644)
    for path, why in ((file, "chmod 600"), (tmp_path / "none", "cannot read")):
        with pytest.raises(ConfigurationError, match=why):
            SchemaRegistry(SchemaRegistrySettings(url="http://127.0.0.1:1", user="u", password_file=path))
    with pytest.raises(ConfigurationError, match="CXB_SCHEMA_REGISTRY_CA_FILE"):
        SchemaRegistry(SchemaRegistrySettings(url="https://127.0.0.1:1", ca_file=tmp_path / "none"))


@pytest.mark.parametrize(
    "url", ["http://u:p@registry:8081", "registry:8081", "http://registry/?token=x", "ftp://registry"]
)
def test_credentials_do_not_fit_into_the_address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("CXB_SCHEMA_REGISTRY_URL", url)
    with pytest.raises(ConfigurationError) as wrong:
        load()
    assert "CXB_SCHEMA_REGISTRY_URL" in str(wrong.value)
    assert "u:p" not in str(wrong.value)


def test_without_a_registry_nothing_is_asked() -> None:
    registry = SchemaRegistry(SchemaRegistrySettings())
    assert "no schema registry is set (CXB_SCHEMA_REGISTRY_URL)" in str(registry.lookup(ONE))


def test_a_stream_of_unknown_ids_costs_so_many_requests_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.sources.schema_registry._MOST_UNKNOWN", 3)
    now = [100.0]
    with schema_server() as server:
        server.add(1, MAIL)
        registry = SchemaRegistry(server.settings, clock=lambda: now[0])
        for _ in range(3):
            keys = [SchemaKey("ids", str(number)) for number in range(2, 9)]
            if missing := [key for key in keys if registry.lookup(key) is None]:
                registry.fetch(missing)
            assert all(isinstance(registry.lookup(key), str) for key in keys)
        assert server.asked == ["/schemas/ids/2", "/schemas/ids/3", "/schemas/ids/4"]
        assert registry.lookup(NINE) == "schema 9 was not asked for: 3 others are not in the registry"
        now[0] += 31
        registry.fetch([ONE])
        assert isinstance(registry.lookup(ONE), KnownSchema)
        assert registry.lookup(NINE) is None


@pytest.mark.parametrize(
    ("start", "piece", "why"),
    [
        (b"", b"", "Read timed out"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b" ", "its answer is not whole after 0.2 s"),
    ],
    ids=["silent", "a byte at a time"],
)
def test_a_registry_that_is_slow_is_named_within_its_time(start: bytes, piece: bytes, why: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = Event()
        thread = Thread(target=_drip, args=(server, start, piece, ended))
        thread.start()
        port = server.getsockname()[1]
        slow = SchemaRegistry(SchemaRegistrySettings(url=f"http://127.0.0.1:{port}", timeout_s=0.2))
        try:
            with pytest.raises(RegistryUnavailable, match=f"127.0.0.1:{port} does not answer .*{why}"):
                slow.check()
        finally:
            ended.set()
            thread.join()


def _drip(server: socket.socket, start: bytes, piece: bytes, ended: Event) -> None:
    connection, _ = server.accept()
    with connection, suppress(OSError):
        connection.sendall(start)
        while not ended.wait(0.01):
            connection.sendall(piece)
