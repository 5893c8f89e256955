"""A schema registry for tests: the documented API over HTTP, which can go away, deny and answer nonsense."""

import json
import struct
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any
from uuid import UUID

import fastavro

from streams.settings.schema_registry import SchemaRegistrySettings

USER, PASSWORD = "reader", "correct horse"
GUID = UUID("0193a1c2-0000-7000-8000-000000000007")


class SchemaServer(ThreadingHTTPServer):
    """Answers from `paths`; `status` other than 200 is what it answers to everything, with `body`."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.paths: dict[str, Any] = {"/schemas/types": ["AVRO", "PROTOBUF", "JSON"]}
        self.asked: list[str] = []
        self.status, self.body = 200, b""
        self.guarded = False

    @property
    def settings(self) -> SchemaRegistrySettings:
        return SchemaRegistrySettings(url=f"http://127.0.0.1:{self.server_port}", timeout_s=2.0)

    def add(self, number: int, schema: Any, kind: str = "AVRO", references: Any = ()) -> None:
        """Registers a schema under an id, under the subject `sN` in version 1, and the last one under GUID."""
        text = schema if isinstance(schema, str) else json.dumps(schema)
        answer = {"schema": text, "references": list(references)} | ({} if kind == "AVRO" else {"schemaType": kind})
        for path in (f"/schemas/ids/{number}", f"/subjects/s{number}/versions/1", f"/schemas/guids/{GUID}"):
            self.paths[path] = answer


class _Handler(BaseHTTPRequestHandler):
    server: SchemaServer

    def do_GET(self) -> None:
        server = self.server
        server.asked.append(self.path)
        status, answer = server.status, server.paths.get(self.path)
        body = server.body or json.dumps(answer).encode()
        expected = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if server.guarded and self.headers.get("Authorization") != expected:
            status, body = 401, b'{"error_code": 401, "message": "Unauthorized"}'
        elif status == 200 and answer is None and not server.body:
            code = 40403 if self.path.startswith("/schemas") else 40401
            status, body = 404, json.dumps({"error_code": code, "message": "not found"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def schema_server(port: int = 0) -> Iterator[SchemaServer]:
    """A registry that answers until the block ends."""
    server = SchemaServer(port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def framed(number: int, payload: bytes) -> bytes:
    """A value in Confluent's wire format."""
    return b"\0" + struct.pack(">I", number) + payload


def guid_header(more: bytes = b"") -> tuple[str, bytes]:
    """The header that newer clients write instead."""
    return "__value_schema_id", b"\1" + GUID.bytes + more


def avro_payload(schema: Any, record: Any) -> bytes:
    """A record as an Avro serialiser writes it."""
    content = BytesIO()
    fastavro.schemaless_writer(content, fastavro.parse_schema(schema), record)
    return content.getvalue()
