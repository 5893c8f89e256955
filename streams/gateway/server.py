"""The gateway's port: events, health, metrics, and the document of all that."""

import asyncio
import errno
import hmac
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import generate_latest
from pydantic import SecretStr

from metrics.sources.model import WEBHOOKS
from streams.errors import ConfigurationError
from streams.gateway.answers import Declined, DoorRefusal, json_answer
from streams.gateway.door import Door
from streams.gateway.gate import FORWARDED, EventsGate
from streams.gateway.openapi import gateway_document
from streams.gateway.telemetry import GatewayTelemetry
from streams.gateway.webhooks import Webhooks
from streams.settings.gateway import GatewaySettings
from streams.web.connections import Connections, quiet_logger
from streams.web.health import Health, Readiness

EVENTS: Final = "/v1/events"
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class GatewayApi:
    """The handlers of the port, and what they have in common."""

    def __init__(
        self,
        door: Door,
        webhooks: Webhooks,
        gate: EventsGate,
        telemetry: GatewayTelemetry,
        metrics_token: SecretStr | None,
    ) -> None:
        """With `metrics_token` whoever asks for metrics has to send it; without it, where publishers need no token."""
        self._door, self._webhooks, self._gate, self._telemetry = door, webhooks, gate, telemetry
        self._metrics_token = metrics_token.get_secret_value() if metrics_token else None
        self._document = cache(gateway_document)

    def routes(self) -> list[web.RouteDef]:
        """Each path with its handler."""
        return [
            web.post(EVENTS, self._door.events),
            web.options(EVENTS, self._gate.preflight),
            web.post(WEBHOOKS + "{name}", self._webhooks.records),
            web.get("/v1/openapi.json", self.openapi),
            web.get("/healthz", self.health),
            web.get("/readyz", self.ready),
            web.get("/metrics", self.metrics),
        ]

    async def openapi(self, request: web.Request) -> web.Response:
        """The OpenAPI document of this port."""
        return web.json_response(self._document())

    async def health(self, request: web.Request) -> web.Response:
        """That the process answers."""
        return json_answer(Health("alive"), 200)

    async def ready(self, request: web.Request) -> web.Response:
        """Whether events are taken."""
        why = self._door.unready()
        return json_answer(Readiness(not why, why), 503 if why else 200)

    async def metrics(self, request: web.Request) -> web.Response:
        """The gateway's series, in the text format of Prometheus."""
        if self._metrics_token is None:
            if not self._gate.is_open or any(name in request.headers for name in FORWARDED):
                raise Declined(403, "metrics need a token here: set CXB_HTTP_TOKEN, and send it")
        elif not _has_token(request, self._metrics_token):
            raise Declined(401, "send the token of the workers' metrics: CXB_HTTP_TOKEN", WWW_Authenticate="Bearer")
        body = await asyncio.to_thread(generate_latest, self._telemetry.registry)
        return web.Response(body=body, headers={"Content-Type": METRICS_TYPE})

    @web.middleware
    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Makes JSON of whatever went wrong, and counts the answers to events."""
        try:
            response = await handler(request)
        except Declined as refused:
            response = json_answer(refused.refusal, refused.status, refused.headers)
        except web.HTTPException as error:
            response = json_answer(DoorRefusal(error.reason), error.status, _kept(error))
        if request.method == "POST" and (request.path == EVENTS or request.path.startswith(WEBHOOKS)):
            self._telemetry.requests.labels(str(response.status)).inc()
        return response

    async def protect(self, request: web.Request, response: web.StreamResponse) -> None:
        """Sets what every answer has, whatever made it."""
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if request.path == EVENTS:
            response.headers.update(self._gate.cors(request))


@asynccontextmanager
async def serve(api: GatewayApi, settings: GatewaySettings) -> AsyncIterator[int]:
    """Serves while the context lasts; gives the port. At its end requests that have begun are answered first.

    Raises:
        ConfigurationError: The port or the certificate cannot be used.
    """
    connections = Connections(settings.connections)
    app = web.Application(middlewares=[connections.answering, api.answer], client_max_size=0)
    app.on_response_prepare.append(api.protect)
    app.add_routes(api.routes())
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=settings.idle_s,
        logger=quiet_logger(),
        auto_decompress=False,  # unpacked by us, to a bound
        shutdown_timeout=settings.answer_s + 1,
    )
    async with connections.served(runner, partial(_listening, settings=settings)) as port:
        yield port


async def _listening(accept: Callable[[], asyncio.BaseProtocol], settings: GatewaySettings) -> asyncio.Server:
    context = tls_context(settings)
    try:
        return await asyncio.get_running_loop().create_server(accept, settings.host, settings.port, ssl=context)
    except OSError as error:
        why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be taken ({error.strerror})"
        raise ConfigurationError(
            f"port {settings.port} of {settings.host} {why}: set CXB_GATEWAY_HOST and CXB_GATEWAY_PORT to what is free"
        ) from error


def tls_context(settings: GatewaySettings) -> ssl.SSLContext | None:
    """The TLS context, None where the port is in the clear.

    Raises:
        ConfigurationError: The certificate or its key cannot be used.
    """
    if settings.ssl_certfile is None or settings.ssl_keyfile is None:
        return None
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"cannot use the gateway's certificate: {error}; check CXB_GATEWAY_SSL_CERTFILE and _KEYFILE"
        ) from error
    return context


def _has_token(request: web.Request, token: str) -> bool:
    scheme, _, offered = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(offered.strip().encode(errors="replace"), token.encode())


def _kept(error: web.HTTPException) -> dict[str, str]:
    return {name: error.headers[name] for name in ("Allow",) if name in error.headers}
