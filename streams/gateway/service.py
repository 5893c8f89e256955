"""The gateway: the one place where its parts are wired together, started and stopped."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Final

import prometheus_client

from streams.gateway.door import Door
from streams.gateway.gate import EventsGate
from streams.gateway.publishers import PublishersFile
from streams.gateway.sender import Sender, connector
from streams.gateway.server import GatewayApi, serve
from streams.gateway.telemetry import GatewayTelemetry
from streams.gateway.webhooks import Webhooks
from streams.runtime.process import log_to_stderr, until_signalled
from streams.runtime.shutdown import ShutdownDeadline
from streams.settings.settings import Settings
from streams.sources.file import SourcesWatcher

STOP_MARGIN_S: Final = 10.0
SHOW_S: Final = 1.0

logger = logging.getLogger(__name__)


class Gateway:
    """A gateway: a port for events, and a producer."""

    def __init__(self, settings: Settings, *, embedded: bool, deadline: ShutdownDeadline | None = None) -> None:
        """Reads the publishers and the sources; connects to nothing yet.

        Args:
            settings: All of them.
            embedded: Whether its broker is the embedded one.
            deadline: Armed when the gateway begins to end, if it is the process's own.

        Raises:
            ConfigurationError: The file of publishers or of sources cannot be used.
        """
        own = self._settings = settings.gateway
        self._deadline = deadline
        self._publishers = PublishersFile(own.publishers) if own.publishers else None
        self._telemetry = GatewayTelemetry()
        self._sender = Sender(settings.kafka.topic, connector(settings.kafka, embedded=embedded), own.answer_s)
        gate = EventsGate(own, self._publishers)
        ingest = settings.ingest
        self._door = Door(own, ingest.limits(), ingest.nobodies(), gate, self._sender, self._telemetry)
        self._sources = SourcesWatcher(settings.sources)
        webhooks = Webhooks(own, self._door, gate, self._sources)
        self._api = GatewayApi(self._door, webhooks, gate, self._telemetry, settings.http.token)

    async def run(self, stop: asyncio.Event, listening: Callable[[int], None] = lambda _: None) -> None:
        """Works until `stop` is set, then answers what has begun.

        Args:
            stop: Set when it shall end.
            listening: Called with the port, once it is open.

        Raises:
            Exception: Whatever makes going on pointless.
        """
        # For the whole process: without a series `*_created` for each counter and histogram.
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        async with AsyncExitStack() as stack:
            parts = [asyncio.create_task(part) for part in (self._sender.run(), self._show(), *self._following())]
            stack.push_async_callback(_ended, parts)
            async with serve(self._api, self._settings) as port:
                scheme = "https" if self._settings.ssl_certfile else "http"
                logger.info("events: %s://%s:%d/v1/events", scheme, self._settings.host, port)
                listening(port)
                stopping: asyncio.Future[Any] = asyncio.create_task(stop.wait())
                stack.callback(stopping.cancel)
                await asyncio.wait([stopping, *parts], return_when=asyncio.FIRST_COMPLETED)
                self._door.stopping = True
                if self._deadline is not None:
                    self._deadline.arm(self._settings.answer_s + STOP_MARGIN_S, 0)
                logger.info("stopping: what has been received is answered first")
            await self._sender.finish()
            for part in parts:
                if part.done():
                    part.result()
        logger.info("stopped: everything answered with 202 is acknowledged")

    def _following(self) -> list[Any]:
        return [self._sources.follow(), *([] if self._publishers is None else [self._publishers.follow()])]

    async def _show(self) -> None:
        while True:
            series = self._telemetry
            series.pending_bytes.set(self._door.budget.taken)
            series.pending_requests.set(self._sender.pending)
            series.broker_answers.set(not self._sender.unready())
            series.publishers_valid.set(self._publishers is None or self._publishers.error is None)
            await asyncio.sleep(SHOW_S)


def run(settings: Settings, *, embedded: bool) -> None:
    """Runs a gateway in this process until SIGTERM or SIGINT.

    Raises:
        ConfigurationError: A setting, the file of publishers, a certificate or the port is wrong.
    """
    log_to_stderr(settings.log_level)
    if settings.log_level != "DEBUG":
        logging.getLogger("aiokafka").setLevel(logging.ERROR)  # it warns of each attempt; we say what they come to
    deadline = ShutdownDeadline()
    try:
        asyncio.run(until_signalled(Gateway(settings, embedded=embedded, deadline=deadline).run))
    finally:
        deadline.disarm()


async def _ended(parts: list[asyncio.Task[None]]) -> None:
    for part in parts:
        part.cancel()
    await asyncio.gather(*parts, return_exceptions=True)
