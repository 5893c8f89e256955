"""The worker's own port: metrics, health, the JSON API and the page. Read-only: every route is a GET."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any, Final, TypeVar, get_args

from aiohttp import web

from metrics.balances import Balance, View
from metrics.scorecards import Scorecard
from streams import snapshot
from streams.drift import keeping, story
from streams.errors import CxbError
from streams.governance import Question, as_rows, compute
from streams.instants import parse_instant
from streams.registry_file import RegistryFile
from streams.settings import LOOPBACK, Http
from streams.snapshot import Snapshot
from streams.store import Store
from streams.telemetry import Telemetry

QUERY_DEADLINE_S: Final = 10.0
QUERIES_AT_ONCE: Final = 4
GOVERNANCE_PERIOD: Final = timedelta(days=90)
OPEN: Final = frozenset({"/health"})
"""What an orchestrator may ask without the token: it tells nothing."""

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Site:
    """What is served.

    Attributes:
        store: Asked for figures of other instants than now.
        registry: Who owns what.
        telemetry: The series.
        latest: The refresher's last snapshot; None on workers that do not refresh.
        ready: Why the worker is not ready, "" when it is.
    """

    store: Store
    registry: RegistryFile
    telemetry: Telemetry
    latest: Callable[[], Snapshot | None]
    ready: Callable[[], str]


@asynccontextmanager
async def serve(site: Site, settings: Http) -> AsyncIterator[int]:
    """Serves a site while the context lasts; gives the port.

    Raises:
        OSError: The port is taken.
    """
    runner = web.AppRunner(application(site, settings), access_log=None)
    await runner.setup()
    listener = web.TCPSite(runner, settings.host, settings.port)
    await listener.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def application(site: Site, settings: Http) -> web.Application:
    """The routes, behind the guards."""
    api = _Api(site)
    app = web.Application(middlewares=[_guard(settings), _errors], client_max_size=0)
    app.on_response_prepare.append(_protect)
    app.add_routes(
        [
            web.get("/", _static("index.html", "text/html")),
            web.get("/static/page.js", _static("page.js", "text/javascript")),
            web.get("/static/page.css", _static("page.css", "text/css")),
            web.get("/metrics", api.metrics),
            web.get("/health", api.health),
            web.get("/ready", api.ready),
            web.get("/api/v1/balances", api.balances),
            web.get("/api/v1/scorecards", api.scorecards),
            web.get("/api/v1/drift", api.drift),
            web.get("/api/v1/drift/now", api.drift_now),
            web.get("/api/v1/registry", api.registry),
            web.get("/api/v1/governance", api.governance),
        ]
    )
    return app


def _guard(settings: Http) -> Any:
    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        # A page on another site may make a browser ask us by a name of its own that leads to 127.0.0.1.
        if settings.is_loopback and (request.url.host or "") not in LOOPBACK:
            raise web.HTTPForbidden(text="unknown Host\n")
        if settings.token is not None and request.path not in OPEN:
            _authenticate(request, settings.token.get_secret_value())
        return await handler(request)

    return guard


async def _protect(request: web.Request, response: web.StreamResponse) -> None:
    # By a signal, not in the middleware: refusals are exceptions and want the headers as well.
    response.headers.update(SECURITY_HEADERS)


def _authenticate(request: web.Request, token: str) -> None:
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise web.HTTPUnauthorized(text="a bearer token is required\n", headers={"WWW-Authenticate": "Bearer"})


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except _BadParameter as error:
        return web.json_response({"error": str(error)}, status=400)
    except TimeoutError:
        return web.json_response({"error": f"the store did not answer within {QUERY_DEADLINE_S:.0f} s"}, status=504)
    except CxbError as error:
        return web.json_response({"error": str(error)}, status=503)


class _BadParameter(ValueError):
    """A parameter that cannot be meant."""


class _Api:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._slots = asyncio.Semaphore(QUERIES_AT_ONCE)

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        body = await asyncio.to_thread(self._site.telemetry.exposition)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def health(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"status": "alive"})

    async def ready(self, request: web.Request) -> web.StreamResponse:
        reason = self._site.ready()
        return web.json_response({"ready": not reason, "reason": reason}, status=503 if reason else 200)

    async def balances(self, request: web.Request) -> web.StreamResponse:
        query = _parameters(request, {"at", "view", "department", "metric", "horizon"})
        view = _view(query)
        wanted = {name: query[name] for name in ("department", "metric", "horizon") if name in query}
        rows = [
            row
            for row in (await self._figures(query)).balances[view]
            if all(getattr(row, name) == value for name, value in wanted.items())
        ]
        return _rows(rows)

    async def scorecards(self, request: web.Request) -> web.StreamResponse:
        query = _parameters(request, {"at", "view", "department"})
        cards = (await self._figures(query)).scorecards[_view(query)]
        return _rows([card for card in cards if query.get("department", card.department) == card.department])

    async def drift(self, request: web.Request) -> web.StreamResponse:
        _parameters(request, set())
        rows = await self._ask(lambda: keeping.alarm_rows(self._site.store))
        return web.json_response([_plain(row) for row in rows])

    async def drift_now(self, request: web.Request) -> web.StreamResponse:
        _parameters(request, set())
        now, site = datetime.now(UTC), self._site
        rows = await self._ask(lambda: story.drifting(site.store, site.registry.current, now))
        return web.json_response([_plain(row) for row in rows])

    async def governance(self, request: web.Request) -> web.StreamResponse:
        query = _parameters(request, {"since", "at", "view", "measure"})
        until = _instant(query, "at") or datetime.now(UTC)
        since = _instant(query, "since") or until - GOVERNANCE_PERIOD
        if since >= until:
            raise _BadParameter("since: give an instant before at")
        question = Question(since, until, _view(query))
        figures = await self._ask(lambda: compute(self._site.store, self._site.registry.current, question))
        rows = as_rows(figures)
        return web.json_response([row for row in rows if query.get("measure", row["measure"]) == row["measure"]])

    async def registry(self, request: web.Request) -> web.StreamResponse:
        _parameters(request, set())
        file = self._site.registry
        registry = file.current.registry
        return web.json_response(
            {
                "version": registry.version,
                "policy": registry.policy,
                "sponsor": registry.sponsor,
                "valid": file.error is None,
                "error": file.error,
                "departments": [
                    {"id": item.id, "name": item.name, "office": item.office} for item in registry.departments
                ],
                "touchpoints": [
                    {"id": item.id, "name": dict(item.name), "stage": item.stage, "channel": item.channel}
                    for item in registry.touchpoints
                ],
            }
        )

    async def _figures(self, query: dict[str, str]) -> Snapshot:
        latest = self._site.latest()
        if "at" not in query and latest is not None:
            return latest
        at = _instant(query, "at") or datetime.now(UTC)
        return await self._ask(lambda: snapshot.compute(self._site.store, self._site.registry.current, at))

    async def _ask(self, question: Callable[[], T]) -> T:
        # In a thread, few at once and not for long: a slow query on the event loop would delay heartbeats.
        async with self._slots:
            return await asyncio.wait_for(asyncio.to_thread(question), QUERY_DEADLINE_S)


def _parameters(request: web.Request, known: set[str]) -> dict[str, str]:
    unknown = sorted(set(request.query) - known)
    if unknown:
        raise _BadParameter(
            f"unknown parameters: {', '.join(unknown)[:200]}; known: {', '.join(sorted(known)) or 'none'}"
        )
    return dict(request.query)


def _instant(query: dict[str, str], name: str) -> datetime | None:
    try:
        return parse_instant(query[name]) if name in query else None
    except ValueError as error:
        raise _BadParameter(f"{name}: {error}") from error


def _view(query: dict[str, str]) -> View:
    for view in get_args(View):
        if query.get("view", "as_was") == view:
            return view  # type: ignore[no-any-return]
    raise _BadParameter(f"view: one of {', '.join(get_args(View))}")


def _rows(rows: Sequence[Balance | Scorecard]) -> web.Response:
    return web.json_response(snapshot.as_json(rows))


def _plain(value: object) -> object:
    """A value of the store as JSON has it, instants as RFC 3339."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return snapshot.stamp(value) if isinstance(value, datetime) else value


def _static(name: str, content_type: str) -> Handler:
    body = resources.files("streams.web").joinpath("static", name).read_bytes()

    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=content_type, charset="utf-8")

    return handle
