"""The worker's own port: metrics, health, the JSON API, the page, and the login, which alone changes anything."""

import asyncio
import errno
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache, partial
from importlib import resources
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from streams.errors import ConfigurationError, CxbError
from streams.parameters import BadParameter, NoParameters, decode
from streams.runtime.listening import in_use
from streams.settings.settings import HttpSettings
from streams.web import api
from streams.web.access.gate import Gate
from streams.web.access.login import Login
from streams.web.answers import Site
from streams.web.bodies import registry_text
from streams.web.connections import Connections, quiet_logger
from streams.web.encoded import json_response
from streams.web.openapi import Guards, document
from streams.web.readers import RETRY_AFTER_S, Busy, Readers
from streams.web.routes import ROUTES, Route

OPEN: Final = frozenset(route.path for route in ROUTES if route.is_open)
"""What an orchestrator may ask without the token: it reveals nothing."""

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

TYPES: Final = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_COMMENTS: Final = re.compile(rb"^[ \t]*(?://.*|/\*\*.*\*/[ \t]*)$", re.MULTILINE)


@asynccontextmanager
async def serve(site: Site, settings: HttpSettings) -> AsyncIterator[int]:
    """Serves a site while the context lasts; gives the port.

    Raises:
        ConfigurationError: The port is in use, or not ours to take.
    """
    connections = Connections(settings.connections)
    # A head that is not whole by then ends the connection as well.
    runner = web.AppRunner(
        application(site, settings, connections.answering),
        access_log=None,
        keepalive_timeout=settings.idle_s,
        logger=quiet_logger(),
    )
    async with connections.served(runner, partial(_listening, settings=settings)) as port:
        yield port


async def _listening(accept: Callable[[], asyncio.BaseProtocol], settings: HttpSettings) -> asyncio.Server:
    try:
        return await asyncio.get_running_loop().create_server(accept, settings.host, settings.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(in_use(settings.port, settings.host)) from error
        why = f"port {settings.port} of {settings.host} cannot be taken ({error.strerror})"
        raise ConfigurationError(f"{why}: set CXB_HTTP_HOST and CXB_HTTP_PORT to what this machine has") from error


def application(site: Site, settings: HttpSettings, *middlewares: Middleware) -> web.Application:
    """The routes, behind the guards; `middlewares` come before all else."""
    # Built on the first request: it takes some 50 ms, which a start need not wait for.
    guards = Guards(token=settings.token is not None, host=settings.is_loopback)
    readers = Readers(site.store, settings.readers, settings.waiting)
    handlers = api.Api(site, cache(partial(document, ROUTES, guards)), readers)
    gate = Gate(settings, OPEN, site.telemetry.logins)
    app = web.Application(middlewares=[*middlewares, gate.guard, _errors], client_max_size=0)
    app.on_response_prepare.append(_protect)
    app.on_shutdown.append(readers.close)
    app.on_cleanup.append(readers.ended)
    app.add_routes(
        [
            web.get("/", _static("index.html", "text/html")),
            *(web.get(f"/static/{name}", _static(name, TYPES[name.rpartition(".")[2]])) for name in static_names()),
            *(_added(handlers, route, gate) for route in ROUTES),
            *Login(gate).routes(),
        ]
    )
    return app


def static_names() -> list[str]:
    """The files that the page consists of, apart from index.html."""
    with resources.as_file(resources.files("streams.web").joinpath("static")) as root:
        files = [path.relative_to(root).as_posix() for path in root.rglob("*.*")]
    return sorted(name for name in files if name.rpartition(".")[2] in TYPES)


def page_file(name: str) -> bytes:
    """A file of the page as it is sent: lines that are comments, for whoever changes it, are empty."""
    body = resources.files("streams.web").joinpath("static", name).read_bytes()
    return _COMMENTS.sub(b"", body) if name.endswith(".js") else body


def _added(handlers: api.Api, route: Route, gate: Gate) -> web.RouteDef:
    async def handle(request: web.Request) -> web.StreamResponse:
        given = [*request.query.items(), *request.match_info.items()]
        parameters = NoParameters() if route.parameters is None else decode(route.parameters, given)
        body = () if route.body is None else (await registry_text(request, gate),)
        headers = (request.headers,) if route.negotiated else ()
        answer = await route.answer(handlers, parameters, *body, *headers)
        return answer if isinstance(answer, web.StreamResponse) else await json_response(request, answer)

    return web.get(route.path, handle) if route.body is None else web.post(route.path, handle)


async def _protect(request: web.Request, response: web.StreamResponse) -> None:
    # By a signal, not in the middleware: an error is an exception and needs the headers as well.
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except BadParameter as error:
        return web.json_response({"error": str(error)}, status=400)
    except Busy as error:
        return web.json_response({"error": str(error)}, status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
    except TimeoutError as error:
        return web.json_response({"error": str(error)}, status=504)
    except CxbError as error:
        return web.json_response({"error": str(error)}, status=503)


def _static(name: str, content_type: str) -> Handler:
    body = page_file(name)

    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=content_type, charset="utf-8")

    return handle
