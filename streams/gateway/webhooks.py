"""Webhooks: records of sources by HTTP, from tools that send a token, or sign what they send."""

import asyncio
import logging
import time
from pathlib import Path
from typing import Final

from aiohttp import web

from metrics.events.carried import Uncut, cut_body
from metrics.events.scope import ANY
from metrics.sources.mapping import SourceMapping
from metrics.sources.model import WEBHOOKS
from metrics.sources.signatures import Signature
from streams.gateway.answers import Declined, Received, json_answer
from streams.gateway.bodies import Body, body_of
from streams.gateway.door import Door
from streams.gateway.foreign import ForeignRecord
from streams.gateway.gate import EventsGate
from streams.gateway.publishers import PublisherAccount
from streams.settings.gateway import GatewaySettings
from streams.sources.file import SourcesWatcher

AS_JSON: Final = "application/json"

logger = logging.getLogger(__name__)


class Webhooks:
    """Takes what webhooks send, each under the path that its source names."""

    def __init__(self, settings: GatewaySettings, door: Door, gate: EventsGate, sources: SourcesWatcher) -> None:
        """Without a file of sources there are no webhooks."""
        self._settings, self._door, self._gate, self._sources = settings, door, gate, sources

    async def records(self, request: web.Request) -> web.Response:
        """Takes the records that a request carries: an object, an array, or one on each line.

        Raises:
            Declined: Something is wrong with it, or it cannot be taken now.
        """
        mapping = self._called(request.path)
        signature = mapping.source.signature
        publisher = self._gate.publisher(request) if signature is None else _of_tool(mapping)
        reservation = self._door.admit(request, publisher)
        try:
            body = await body_of(request, self._settings, reservation)
            if signature is not None:
                await self._require_signed(request, body, signature)
            records = self._records_of(mapping, body)
            unfit = await self._door.take_foreign(records, publisher, reservation)
        finally:
            reservation.release()
        return json_answer(Received(len(records), list(unfit)), 202)

    def _called(self, path: str) -> SourceMapping:
        if (mapping := self._sources.current.of_webhook(path)) is not None:
            return mapping
        there = sorted(source.http for source in self._sources.current.sources if source.http)
        known = f"there are {', '.join(there)}" if there else "none has one"
        raise Declined(404, f'no [[source]] of CXB_SOURCES has http = "{WEBHOOKS}..." with this name: {known}')

    async def _require_signed(self, request: web.Request, body: Body, signature: Signature) -> None:
        try:
            secret = (await asyncio.to_thread(Path(signature.secret_file).read_bytes)).strip()
        except OSError as error:
            logger.error("cannot read the secret of a webhook: %s", error)
            secret = b""
        if not secret:
            raise Declined(503, "the gateway cannot read the secret_file of this source: see its log", 60)
        headers = {name.lower(): value for name, value in request.headers.items()}
        if fault := signature.fault(headers, body.sent, secret, time.time()):
            raise Declined(401, fault, WWW_Authenticate="Signature")

    def _records_of(self, mapping: SourceMapping, body: Body) -> list[ForeignRecord]:
        # Whatever its Content-Type says: tools send JSON under many names, and their requests are no page's.
        cut = cut_body(body.unpacked, AS_JSON, {}, self._settings.request_events)
        if isinstance(cut, Uncut):
            raise Declined(413 if cut.why == "many" else 400, cut.detail)
        return [ForeignRecord(mapping, value) for value in cut if isinstance(value, bytes)]


def _of_tool(mapping: SourceMapping) -> PublisherAccount:
    """Whoever knows the secret of a source sends for it, wherever its mapping says that the events are from."""
    return PublisherAccount(mapping.source.name, "", (ANY,))
