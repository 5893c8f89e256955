"""The open connections of the worker's port: a bounded number, in which those that do nothing give way."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestHandler

from streams.web.reading import HAS_COME

Listening = Callable[[Callable[[], asyncio.BaseProtocol]], Awaitable[asyncio.Server]]


class Connections:
    """Counts the connections of a server. Not safe to share between threads."""

    def __init__(self, most: int) -> None:
        """With `most` connections open, a new one takes the place of the oldest that waits for no answer of ours."""
        self._most = most
        self._answering: set[RequestHandler] = set()

    @web.middleware
    async def answering(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Notes which connections wait for an answer."""
        # With a body we wait for the client first, and not it for us.
        if request.method == "POST":
            has_come: Callable[[], None] = partial(self._answering.add, request.protocol)
            request[HAS_COME] = has_come
        else:
            self._answering.add(request.protocol)
        try:
            return await handler(request)
        finally:
            self._answering.discard(request.protocol)

    @asynccontextmanager
    async def served(self, runner: web.AppRunner, listening: Listening) -> AsyncIterator[int]:
        """Serves while the context lasts; gives the port. At its end requests that have begun are answered first.

        Args:
            runner: Of the application, whose first middleware is `answering`.
            listening: Opens the port for what serves a new connection.
        """
        await runner.setup()
        try:
            listener = await listening(partial(self.accept, cast("web.Server", runner.server)))
            try:
                yield listener.sockets[0].getsockname()[1]
            finally:
                listener.close()
        finally:
            await runner.cleanup()

    def accept(self, server: web.Server) -> RequestHandler:
        """What serves a new connection. It is never refused: a scrape gets through whatever others hold open."""
        opened = [handler for handler in server.connections if not _is_closing(handler)]
        if len(opened) >= self._most:
            for handler in opened:
                if handler not in self._answering and handler.transport is not None:
                    # Not closed in order: its client may never read what is still to be sent.
                    handler.transport.abort()
                    break
        return server()


def quiet_logger() -> logging.Logger:
    """What a server logs with: errors of ours, but no traceback for each request that is no HTTP, and gets 400."""
    logger = logging.getLogger(__name__)
    logger.addFilter(_is_ours)
    return logger


def _is_ours(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


def _is_closing(handler: RequestHandler) -> bool:
    return handler.transport is None or handler.transport.is_closing()
