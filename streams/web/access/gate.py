"""The gate: lets a request through, or says what it lacks."""

import base64
import binascii
import hashlib
import hmac
import logging
import math
import re
import time
from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import Counter

from streams.settings.base import LOOPBACK
from streams.settings.settings import HttpSettings
from streams.web.access.attempts import Allowance, Attempts, Rate
from streams.web.access.proxies import Proxies
from streams.web.access.sessions import Session, Sessions

LOGIN: Final = "/login"
LOGOUT: Final = "/logout"
FORM_STYLE: Final = "/static/login.css"
HELD_FOR_SECURE: Final = "__Host-"
"""Beginning of a name that browsers allow only to cookies of this very host that came by TLS (RFC 6265bis, 4.1.3)."""

LOGGED: Final = Allowance(100, 1.0)
"""So many wrong tokens are logged: whoever has many addresses does not fill the disk. All are counted."""

logger = logging.getLogger(__name__)

_LOCAL: Final = re.compile(r"/(?!/)[!-\[\]-~]{0,2000}")
# A document of ours asks for the form: a browser sends a cookie that is SameSite=Strict with that, but not where a link
# on another site led here. Whoever has a session is sent on at once.
_TO_LOGIN: Final = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>cx-balance</title>\
<meta http-equiv="refresh" content="0; url={address}"><p><a href="{address}">Log in</a></p></html>
"""


class TooManyAttempts(web.HTTPTooManyRequests):
    """An address has to wait before it may try again."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = max(1, math.ceil(wait_s))
        text = f"too many attempts with a wrong token: try again in {self.wait_s} s\n"
        super().__init__(text=text, headers={"Retry-After": str(self.wait_s)})


class Gate:
    """Who gets in at a worker's port. Without a token everybody does whom the host's name lets through."""

    def __init__(self, settings: HttpSettings, open_paths: Iterable[str], logins: Counter) -> None:
        self._settings, self.logins = settings, logins
        self._open = frozenset({*open_paths, LOGIN, LOGOUT, FORM_STYLE, "/static/icon.svg"})
        self._token = settings.token.get_secret_value() if settings.token else None
        self._hosts = LOOPBACK | {settings.public_host}
        self._proxies = Proxies(settings)
        self._attempts, self._log_lines = Attempts(), Rate(LOGGED)
        self.sessions = Sessions(self._token or "", settings.session_s)

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Lets a request through to its handler, or raises what the client has to know."""
        # A page on another site may make a browser ask us by a name of its own that leads to 127.0.0.1.
        if self._settings.is_loopback and _host(request) not in self._hosts:
            raise web.HTTPForbidden(text="unknown Host\n")
        if request.path not in self._open and not self.knows(request):
            self._require_token(request)
        return await handler(request)

    def knows(self, request: web.Request) -> bool:
        """Whether a request needs no token: none is set, a proxy has signed its user in, or it has a session."""
        if self._token is None or self._proxies.has_signed_in(request.remote or "", request.headers):
            return True
        return self.session(request) is not None

    def session(self, request: web.Request) -> Session | None:
        """The session of a request."""
        if not request.cookies:
            return None
        # Where browsers come by TLS, a plain name may be a cookie that another host of the domain has planted.
        plain = () if self._settings.is_public_secure else (self.sessions.name,)
        names = (HELD_FOR_SECURE + self.sessions.name, *plain)
        texts = (request.cookies.get(name, "") for name in names)
        sessions = (self.sessions.find(text, time.time()) for text in texts if text)
        return next((session for session in sessions if session), None)

    def is_token(self, request: web.Request, offered: str) -> bool:
        """Whether a text is the token.

        Raises:
            TooManyAttempts: It was not looked at: there were too many wrong ones.
        """
        address, now_s = self.client(request), time.monotonic()
        if (wait_s := self._attempts.wait_s(address, now_s)) > 0:
            self.logins.labels("limited").inc()
            raise TooManyAttempts(wait_s)
        # Digests have one length: how long the comparison takes says nothing of the token, nor of its length.
        if self._token is not None and hmac.compare_digest(_digest(offered), _digest(self._token)):
            self._attempts.succeeded(address)
            return True
        self._attempts.failed(address, now_s)
        self.logins.labels("wrong").inc()
        if self._log_lines.takes(now_s):
            logger.warning("a wrong token came from %s", address)
        return False

    def client(self, request: web.Request) -> str:
        """The address of a request's client."""
        return self._proxies.client(request.remote or "", request.headers)

    def is_secure(self, request: web.Request) -> bool:
        """Whether the browser came by TLS, as far as we are told."""
        return self._settings.is_public_secure or self._proxies.is_secure(request.remote or "", request.headers)

    def is_foreign(self, request: web.Request) -> bool:
        """Whether another site's page made a browser send this, as in Go's http.CrossOriginProtection."""
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site not in ("same-origin", "none")
        origin = request.headers.get("Origin")  # without it, no browser sent this
        if origin is None:
            return False
        return origin.partition("://")[2] not in {request.headers.get("Host", ""), self._settings.public_authority} - {
            ""
        }

    def _require_token(self, request: web.Request) -> None:
        offered = _offered(request.headers.get("Authorization", ""))
        if offered is not None and self.is_token(request, offered):
            return
        headers = {"WWW-Authenticate": "Bearer"}  # not Basic: browsers would ask with a window of their own
        if offered is None and request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
            address = escape(login_address(request.path_qs))
            raise web.HTTPUnauthorized(
                text=_TO_LOGIN.format(address=address), content_type="text/html", headers=headers
            )
        raise web.HTTPUnauthorized(text="a token is required\n", headers=headers)


def own_path(address: str) -> str:
    r"""An address of this host to send a browser to: path and query; the page where it is not one.

    >>> own_path("/?page=drift&at=2026-03-01T00:00")
    '/?page=drift&at=2026-03-01T00:00'
    >>> own_path("//evil.example"), own_path(r"/\evil.example"), own_path("/login")
    ('/', '/', '/')
    """
    if not _LOCAL.fullmatch(address) or address.partition("?")[0] in (LOGIN, LOGOUT):
        return "/"
    return address


def login_address(after: str) -> str:
    """Where the form is that leads on to an address of this host."""
    after = own_path(after)
    return LOGIN if after == "/" else f"{LOGIN}?next={quote(after, safe='')}"


def _offered(credentials: str) -> str | None:
    """The token of a header Authorization: Bearer, or Basic with the token as password; None where there is none."""
    scheme, _, text = credentials.partition(" ")
    if scheme.lower() == "bearer":
        return text.strip()
    if scheme.lower() == "basic":
        try:
            user_and_password = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            return None
        return user_and_password.decode(errors="replace").partition(":")[2]
    return None


def _digest(text: str) -> bytes:
    # What is not UTF-8 comes as surrogates, which are no reason to fail before the login.
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def _host(request: web.Request) -> str:
    try:
        return request.url.host or ""
    except ValueError:  # it is no name of a host
        return ""
