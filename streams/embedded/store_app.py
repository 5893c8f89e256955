"""The store's HTTP application: who may ask, within which limits, and how answers look to ClickHouse's clients."""

import asyncio
import hmac
import json
import logging
import os
import time
import uuid
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import lz4.frame
from aiohttp import web

from streams.embedded.block_compression import compressed, decompressed
from streams.embedded.engine import RESERVE_BYTES, Answer, Engine
from streams.embedded.native_blocks import versioned
from streams.embedded.protocol import WORKER, ClickHouseError, Statement, is_on, statement, with_headers

log = logging.getLogger("cx.store")

READS_ONLY = web.RequestKey("reads", bool)
"""Of a request: whether it is of the account that only reads."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What one request may take, and how many run or wait at a time."""

    body_bytes: int = 128 << 20  # of a request's body, both as sent and decompressed
    result_bytes: int = 512 << 20  # of an answer, which is built in memory
    memory_bytes: int = 2 << 30  # of the engine, for one statement
    execution_s: int = 120
    reserve_bytes: int = RESERVE_BYTES  # of the disk, in which nothing is inserted any more
    concurrent: int = 4  # of readers; as many of the worker's own run alongside
    waiting: int = 32  # of either

    def reading(self) -> dict[str, str]:
        """The settings of readers' statements that set none of their own: half of the processors are left to others."""
        return {"max_threads": str(max(1, (os.cpu_count() or 1) // 2))}

    def settings(self) -> dict[str, str]:
        """The engine's settings that hold unless a request sets its own."""
        return {
            "max_memory_usage": str(self.memory_bytes),
            "max_execution_time": str(self.execution_s),
            "max_result_bytes": str(self.result_bytes),
            "async_insert": "0",  # an acknowledged insert has landed
        }


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user of the store."""

    user: str
    password: str = field(repr=False)

    def match(self, user: str, password: str) -> bool:
        """Whether these are they, in a time that does not depend on where they differ."""
        same_user = hmac.compare_digest(_bytes(user), self.user.encode())
        same_password = hmac.compare_digest(_bytes(password), self.password.encode())
        return same_user and same_password


class Lane:
    """A pool of threads; statements beyond it wait, and beyond `waiting` they are refused."""

    def __init__(self, name: str, concurrent: int, waiting: int) -> None:
        self._threads = ThreadPoolExecutor(concurrent, thread_name_prefix=name)
        self._pending, self._most = 0, concurrent + waiting

    @contextmanager
    def place(self) -> Iterator[ThreadPoolExecutor]:
        """A place among those that run or wait, kept until the statement has really ended.

        Raises:
            ClickHouseError: There is none.
        """
        if self._pending >= self._most:
            raise ClickHouseError.refused(202, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many queries wait: try later.")
        self._pending += 1
        try:
            yield self._threads
        finally:
            self._pending -= 1


class StoreApp:
    """ClickHouse's HTTP interface over an engine; `web` is the application to serve on 127.0.0.1.

    What the worker itself asks and lands has a lane of its own, so that readers cannot keep it waiting.
    """

    def __init__(
        self, engine: Engine, credentials: Credentials, limits: RequestLimits, reader: Credentials | None = None
    ) -> None:
        """Of an engine; `reader` is an account that may read tables, and nothing else."""
        self._engine = engine
        self._credentials = credentials
        self._reader = reader
        self._limits = limits
        self._worker = Lane("worker", limits.concurrent, limits.waiting)
        self._readers = Lane("reader", limits.concurrent, limits.waiting)
        self.web = web.Application(client_max_size=limits.body_bytes, middlewares=[self._guarded])
        self.web.router.add_get("/ping", _ping)
        self.web.router.add_get("/", self._answer)
        self.web.router.add_post("/", self._answer)

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        query_id = request.query.get("query_id") or str(uuid.uuid4())
        began = time.monotonic()
        try:
            self._admit(request)
            response = await handler(request)
            outcome = "ok"
        except ClickHouseError as error:
            response, outcome = _refusal(error), f"{error.code} {error.name}"
        except web.HTTPRequestEntityTooLarge:
            response, outcome = _refusal(self._too_large()), "too large"
        response.headers["X-ClickHouse-Query-Id"] = query_id if query_id.isprintable() else ""
        if request.path != "/ping":
            spent_ms = (time.monotonic() - began) * 1000
            log.info("%s %r %d %s, %.1f ms", request.method, query_id, response.status, outcome, spent_ms)
        return response

    def _admit(self, request: web.Request) -> None:
        # A web page may reach 127.0.0.1 through the browser: it sends an Origin, or by DNS rebinding a foreign Host.
        port = request.transport.get_extra_info("sockname")[1] if request.transport else 0
        if "Origin" in request.headers or request.headers.get("Host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            text = f"Requests of web pages are refused: ask for http://127.0.0.1:{port} and send no Origin."
            raise ClickHouseError.refused(497, "ACCESS_DENIED", text)
        if request.path == "/ping":
            return
        if "user" in request.query or "password" in request.query:
            raise _denied("Credentials in the URL are refused, URLs are logged: use HTTP Basic or X-ClickHouse-Key.")
        presented = _presented(request.headers)
        if presented is None:
            raise _denied("Credentials are missing: use HTTP Basic or X-ClickHouse-User and X-ClickHouse-Key.", 401)
        if self._reader is not None and self._reader.match(*presented):
            request[READS_ONLY] = True
        elif not self._credentials.match(*presented):
            raise _denied("Authentication failed: password is incorrect, or there is no user with such name.")

    async def _answer(self, request: web.Request) -> web.Response:
        reads = request.get(READS_ONLY, False)
        lane = self._worker if request.query.get("log_comment") == WORKER and not reads else self._readers
        with lane.place() as threads:
            arguments, body = await _content(request)
            arguments = with_headers(arguments, request.headers)
            encoding = request.headers.get("Content-Encoding", "")
            run = self._run_reading if reads else self._run
            work = (arguments, body, encoding, request.method == "GET")
            parsed, answer = await asyncio.get_running_loop().run_in_executor(threads, run, *work)
        names = ("read_rows", "result_rows", "written_rows")
        headers = {"X-ClickHouse-Summary": json.dumps({name: str(getattr(answer, name)) for name in names})}
        if answer.body:
            headers["X-ClickHouse-Format"] = parsed.format
        sent = compressed(answer.body) if is_on(arguments, "compress") else answer.body
        return web.Response(body=sent, headers=headers)

    def _run(
        self, arguments: Mapping[str, str], body: bytes, encoding: str, readonly: bool
    ) -> tuple[Statement, Answer]:
        parsed = self._parsed(arguments, body, encoding, readonly)
        if parsed.settings.get("log_comment") != WORKER:
            parsed = replace(parsed, settings=self._limits.reading() | dict(parsed.settings))
        return parsed, _as_asked(parsed, self._engine.run(parsed))

    def _run_reading(
        self, arguments: Mapping[str, str], body: bytes, encoding: str, readonly: bool
    ) -> tuple[Statement, Answer]:
        parsed = self._parsed(arguments, body, encoding, readonly)
        parsed = replace(parsed, settings=self._limits.reading() | dict(parsed.settings))
        return parsed, _as_asked(parsed, self._engine.run_reading(parsed))

    def _parsed(self, arguments: Mapping[str, str], body: bytes, encoding: str, readonly: bool) -> Statement:
        plain = self._plain(body, encoding)
        if is_on(arguments, "decompress"):
            plain = decompressed(plain, self._limits.body_bytes)
        is_on(arguments, "compress")  # what is wrong with it is said before anything runs
        return statement(arguments, plain, readonly=readonly)

    def _plain(self, body: bytes, encoding: str) -> bytes:
        # aiohttp has undone gzip and deflate already.
        if encoding in ("", "identity", "gzip", "deflate"):
            return body
        if encoding != "lz4":
            text = f"Content-Encoding {encoding!r} is not supported: use lz4, gzip or none."
            raise ClickHouseError.refused(48, "NOT_IMPLEMENTED", text)
        # The driver compresses each block of a large insert into a frame of its own: all of them count.
        plain: list[bytes] = []
        rest, room = body, self._limits.body_bytes
        while rest:
            frame = lz4.frame.LZ4FrameDecompressor()
            try:
                plain.append(frame.decompress(rest, room))
            except RuntimeError as error:
                text = f"The body is not made of lz4 frames: {error}."
                raise ClickHouseError.refused(33, "CANNOT_READ_ALL_DATA", text) from error
            room -= len(plain[-1])
            if not frame.eof:
                if not room:
                    raise self._too_large()
                raise ClickHouseError.refused(33, "CANNOT_READ_ALL_DATA", "The body's last lz4 frame is cut off.")
            rest = frame.unused_data or b""
        return plain[0] if len(plain) == 1 else b"".join(plain)  # usually one, of megabytes: not copied

    def _too_large(self) -> ClickHouseError:
        text = f"The body exceeds {self._limits.body_bytes} bytes: insert fewer rows at a time."
        return ClickHouseError.refused(307, "TOO_MANY_BYTES", text)


def _as_asked(parsed: Statement, answer: Answer) -> Answer:
    if not parsed.native_version:
        return answer
    return replace(answer, body=versioned(answer.body, parsed.native_version))


async def _ping(_: web.Request) -> web.Response:
    return web.Response(text="Ok.\n")


async def _content(request: web.Request) -> tuple[Mapping[str, str], bytes]:
    if request.content_type != "multipart/form-data":
        return request.query, await request.read()
    # The driver sends long parameters as a form.
    fields: dict[str, str] = dict(request.query)
    for name, value in (await request.post()).items():
        if not isinstance(value, str):
            text = f"The file {name!r} of the form is external data, which the embedded store does not take."
            raise ClickHouseError.refused(48, "NOT_IMPLEMENTED", text)
        fields[name] = value
    return fields, b""


def _bytes(text: str) -> bytes:
    # What is not UTF-8 in a header comes as surrogates.
    return text.encode(errors="surrogateescape")


def _presented(headers: Mapping[str, str]) -> tuple[str, str] | None:
    if "X-ClickHouse-User" in headers:
        return headers["X-ClickHouse-User"], headers.get("X-ClickHouse-Key", "")
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = b64decode(token, validate=True).decode().partition(":")
    except ValueError:
        return None
    return user, password


def _denied(text: str, status: int = 403) -> ClickHouseError:
    return ClickHouseError.refused(516, "AUTHENTICATION_FAILED", text, status)


def _refusal(error: ClickHouseError) -> web.Response:
    headers = {"X-ClickHouse-Exception-Code": str(error.code)}
    if error.status == web.HTTPUnauthorized.status_code:
        headers["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
    return web.Response(status=error.status, text=f"{error}\n", headers=headers)
