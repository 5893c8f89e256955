"""Bodies of requests with events: read to a bound in length and in time, unpacked to a bound, and cut into events."""

import gzip
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import cramjam
from aiohttp import web

from metrics.events.carried import Carried, Uncut, cut_body
from metrics.events.cloud_events import CLOUD_EVENT, CLOUD_EVENTS, REQUIRED_ATTRIBUTES
from streams.gateway.answers import Declined
from streams.gateway.budget import Reservation
from streams.runtime.unpacking import UnpacksTooLarge, gunzipped, unzstd
from streams.settings.gateway import GatewaySettings
from streams.web.reading import HAS_COME, read_whole

ATTRIBUTE: Final = "ce-"
UNPACKERS: Final[Mapping[str, Callable[[bytes, int], bytes]]] = {
    "gzip": gunzipped,
    "x-gzip": gunzipped,
    "zstd": unzstd,
}
STATUSES: Final = {"type": 415, "malformed": 400, "many": 413}


class Body(NamedTuple):
    """A body as it was sent, and unpacked."""

    sent: bytes
    unpacked: bytes


_UTF_8: Final = frozenset({None, "utf-8", "utf8", "us-ascii"})


def to_reserve(request: web.Request, settings: GatewaySettings) -> int:
    """How many bytes a request may take in memory, by its head.

    Raises:
        Declined: Its body is too long, or of a type that is not read.
    """
    coding = _coding(request)
    if (request.charset or "utf-8").lower() not in _UTF_8:
        raise Declined(415, "the charset must be utf-8: JSON has no other")
    length = request.content_length
    if length is not None and length > settings.request_bytes:
        raise Declined(413, _too_long(settings.request_bytes))
    return settings.request_bytes if length is None or coding else length


async def body_of(request: web.Request, settings: GatewaySettings, reservation: Reservation) -> Body:
    """The body of a request.

    Raises:
        Declined: It is too long or too late, or cannot be unpacked.
    """
    sent = await _read(request, settings)
    body = _unpacked(sent, _coding(request), settings.request_bytes)
    reservation.shrink(len(body))
    if has_come := request.get(HAS_COME):
        has_come()
    return Body(sent, body)


async def events_of(request: web.Request, settings: GatewaySettings, reservation: Reservation) -> Sequence[Carried]:
    """The events that a request carries.

    Raises:
        Declined: Its body is too long or too late, or cannot be cut into events.
    """
    body = (await body_of(request, settings, reservation)).unpacked
    media_type = request.content_type if "Content-Type" in request.headers else ""
    events = cut_body(body, media_type, _envelope(request, media_type), settings.request_events)
    if isinstance(events, Uncut):
        raise Declined(STATUSES[events.why], events.detail)
    return events


async def _read(request: web.Request, settings: GatewaySettings) -> bytes:
    try:
        return await read_whole(request, settings.request_bytes + 1, settings.body_s)
    except web.HTTPRequestEntityTooLarge:
        raise Declined(413, _too_long(settings.request_bytes)) from None
    except web.HTTPRequestTimeout:
        raise Declined(408, f"the body did not come within {settings.body_s:g} s: send less at a time") from None


def _coding(request: web.Request) -> str:
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding in ("", "identity"):
        return ""
    if coding not in UNPACKERS:
        raise Declined(415, "the Content-Encoding must be gzip or zstd, or none", Accept_Encoding="gzip, zstd")
    return coding


def _unpacked(body: bytes, coding: str, most: int) -> bytes:
    if not coding:
        return body
    try:
        return UNPACKERS[coding](body, most)
    except UnpacksTooLarge:
        raise Declined(413, f"unpacked, {_too_long(most)}") from None
    except (gzip.BadGzipFile, EOFError, zlib.error, cramjam.DecompressionError):
        raise Declined(400, f"the body is not {coding}, or was cut off: send what Content-Encoding says") from None


def _envelope(request: web.Request, media_type: str) -> Mapping[str, str]:
    if media_type in (CLOUD_EVENT, CLOUD_EVENTS):
        return {}
    attributes = {
        name.lower().removeprefix(ATTRIBUTE): value
        for name, value in request.headers.items()
        if name.lower().startswith(ATTRIBUTE)
    }
    return attributes if any(name in attributes for name in REQUIRED_ATTRIBUTES) else {}


def _too_long(most: int) -> str:
    return f"the body has more than {most:,} bytes: send fewer events at a time"
