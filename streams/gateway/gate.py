"""Who may send: by a token in the head of a request; pages in browsers from known origins only."""

import base64
import time
from typing import Final

from aiohttp import web

from streams.gateway.answers import Declined
from streams.gateway.publishers import LOCAL, PublisherAccount, PublishersFile
from streams.settings.base import LOOPBACK
from streams.settings.gateway import GatewaySettings
from streams.web.access.attempts import Attempts

HOW: Final = (
    "send a token as: Authorization: Bearer TOKEN, or as the password of HTTP Basic (cxb gateway token makes one)"
)
FORWARDED: Final = ("Forwarded", "X-Forwarded-For")
"""What a proxy adds: behind one on this machine everybody would be on this machine."""
PREFLIGHT_S: Final = "600"
_HEADERS: Final = "authorization, content-type, content-encoding, ce-specversion, ce-id, ce-source, ce-type, ce-time"


class EventsGate:
    """Finds the publisher of a request."""

    def __init__(self, settings: GatewaySettings, publishers: PublishersFile | None) -> None:
        """Without publishers whoever reaches the port may send anything: settings allow that on this machine only."""
        self._publishers, self._origins = publishers, settings.allowed_origins
        self._attempts = Attempts()

    @property
    def is_open(self) -> bool:
        """Whether no token is needed."""
        return self._publishers is None

    def publisher(self, request: web.Request) -> PublisherAccount:
        """Whose a request is.

        Raises:
            Declined: It has no token, or none that counts; or a page of an unknown origin has made a browser send it.
        """
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self._origins:
            raise Declined(403, "pages of this origin may not send: add it to CXB_GATEWAY_ORIGINS")
        if self._publishers is None:
            # A page on another site may make a browser ask us by a name of its own that leads to 127.0.0.1.
            if _host_of(request) not in LOOPBACK:
                raise Declined(403, "unknown Host: without publishers only this machine may send, as localhost")
            if any(name in request.headers for name in FORWARDED):
                raise Declined(403, "a proxy sent this on for somebody: that needs publishers, CXB_GATEWAY_PUBLISHERS")
            return LOCAL
        if not (token := _token_of(request)):
            raise Declined(401, f"a token is required: {HOW}", WWW_Authenticate="Bearer")
        return self._of_token(request.remote or "", token, self._publishers)

    def cors(self, request: web.Request) -> dict[str, str]:
        """The headers with which a browser lets a page of a known origin read an answer."""
        origin = request.headers.get("Origin")
        if not self._origins:
            return {}
        if origin not in self._origins:
            return {"Vary": "Origin"}
        return {
            "Vary": "Origin",
            "Access-Control-Allow-Origin": str(origin),
            "Access-Control-Expose-Headers": "Retry-After",
        }

    async def preflight(self, request: web.Request) -> web.Response:
        """Answers what a browser asks before it lets a page send.

        Raises:
            Declined: The page is of an unknown origin.
        """
        if request.headers.get("Origin") not in self._origins:
            raise Declined(403, "pages of this origin may not send: add it to CXB_GATEWAY_ORIGINS")
        allowed = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": _HEADERS,
            "Access-Control-Max-Age": PREFLIGHT_S,
        }
        return web.Response(status=204, headers=allowed)

    def _of_token(self, address: str, token: str, publishers: PublishersFile) -> PublisherAccount:
        now_s = time.monotonic()
        if (publisher := publishers.find(token)) is not None:
            # Looked at before the limit: 32 random bytes are not guessed, and many publishers may share an address.
            return publisher
        if (wait_s := self._attempts.wait_s(address, now_s)) > 0:
            raise Declined(429, "too many requests with a wrong token came from this address", 1 + int(wait_s))
        self._attempts.failed(address, now_s)
        raise Declined(401, f"the token is not known, or no longer: {HOW}", WWW_Authenticate="Bearer")


def _token_of(request: web.Request) -> str:
    """The token of a request, or the password of tools that send a name and a password only."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(token.strip(), validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return token.strip() if scheme.lower() == "bearer" else ""


def _host_of(request: web.Request) -> str:
    try:
        return request.url.host or ""
    except ValueError:  # it is no name of a host
        return ""
