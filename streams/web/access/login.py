"""The form to log in with the token, and what becomes of it: nothing but these two POSTs changes anything here."""

import logging
import time
from html import escape
from importlib import resources
from string import Template
from typing import Final
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

from aiohttp import web
from yarl import URL

from streams.web.access.gate import HELD_FOR_SECURE, LOGIN, LOGOUT, Gate, TooManyAttempts, login_address, own_path
from streams.web.access.texts import LOGIN_TEXTS, spoken
from streams.web.bodies import require_own
from streams.web.reading import read_whole

FORM_BYTES: Final = 8192
FORM_S: Final = 5.0
MARK: Final = "cxb-until"
"""A cookie that the page may read, to know that there is a session to end: when it ends, seconds since 1970."""
THEMES: Final = ("light", "dark")

logger = logging.getLogger(__name__)

_FORM: Final = Template(resources.files("streams.web").joinpath("access", "form.html").read_text(encoding="utf-8"))


class Login:
    """The routes of the form."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        """To be added to the application."""
        return [
            web.get(LOGIN, self.show),
            web.post(LOGIN, self.log_in),
            web.post(LOGOUT, self.log_out),
        ]

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The form; whoever needs none is sent on."""
        after = own_path(request.query.get("next", ""))
        if self._gate.knows(request):
            return _to(after)
        return _page(request, after, request.query.get("lang", ""))

    async def log_in(self, request: web.Request) -> web.StreamResponse:
        """A session for the token."""
        fields = await self._fields(request)
        after, lang = own_path(fields.get("next", "")), fields.get("lang", "")
        try:
            is_token = self._gate.is_token(request, fields.get("token", ""))
        except TooManyAttempts as error:
            return _page(request, after, lang, error)
        if not is_token:
            return _page(request, after, lang, wrong=True)
        now_s = time.time()
        session, text = self._gate.sessions.begin(now_s)
        response = _to(after)
        self._set(request, response, text, session.until_s, session.until_s - int(now_s))
        self._gate.logins.labels("accepted").inc()
        logger.info("a login from %s", self._gate.client(request))
        return response

    async def log_out(self, request: web.Request) -> web.StreamResponse:
        """The end of a session; this worker takes it no more, even from a copy of the cookie."""
        fields = await self._fields(request)
        if session := self._gate.session(request):
            self._gate.sessions.end(session, time.time())
        response = _to(login_address(own_path(fields.get("next", ""))))
        self._set(request, response, "", "", 0)
        return response

    async def _fields(self, request: web.Request) -> dict[str, str]:
        require_own(request, self._gate)
        if not request.can_read_body:
            return {}  # a program that logs out has nothing to say
        if request.content_type != "application/x-www-form-urlencoded":
            raise web.HTTPUnsupportedMediaType(text="send application/x-www-form-urlencoded\n")
        body = await read_whole(request, FORM_BYTES, FORM_S)
        try:
            return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=10))
        except ValueError:
            raise web.HTTPBadRequest(text="too many fields\n") from None

    def _set(self, request: web.Request, response: web.Response, text: str, mark: object, max_age: int) -> None:
        """Sets both cookies for so many seconds; removes them for 0."""
        is_secure = self._gate.is_secure(request)
        name = (HELD_FOR_SECURE if is_secure else "") + self._gate.sessions.name
        for key, value, is_hidden in ((name, text, True), (MARK, str(mark), False)):
            response.set_cookie(
                key, value, max_age=max_age, path="/", secure=is_secure, httponly=is_hidden, samesite="Strict"
            )


def _to(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": str(URL(address, encoded=True))})


def _page(
    request: web.Request, after: str, lang: str, limit: TooManyAttempts | None = None, *, wrong: bool = False
) -> web.Response:
    # The page keeps the reader's language and colours in its address.
    chosen = {name: values[0] for name, values in parse_qs(urlsplit(after).query).items()}
    lang = spoken(lang or chosen.get("lang", ""), request.headers.get("Accept-Language", ""))
    texts, theme = LOGIN_TEXTS[lang], chosen.get("theme", "")
    problem = texts.wait.format(seconds=limit.wait_s) if limit else texts.wrong if wrong else ""
    values = {
        "lang": lang, "theme": theme if theme in THEMES else "auto", "next": after, "problem": problem,
        "invalid": str(wrong).lower(), "title": texts.title, "why": texts.why, "token": texts.token,
        "hint": texts.hint, "button": texts.button, "languages": texts.languages,
    }  # fmt: skip
    body = _FORM.substitute({name: escape(value) for name, value in values.items()}, links=_links(lang, after))
    status, headers = 401 if wrong else 200, {"Referrer-Policy": "same-origin"}  # else a browser sends Origin: null
    if limit:
        status, headers = limit.status, headers | {"Retry-After": str(limit.wait_s)}
    elif wrong:
        headers["WWW-Authenticate"] = "Bearer"
    return web.Response(text=body, status=status, content_type="text/html", headers=headers)


def _links(lang: str, after: str) -> str:
    items = []
    for code, texts in LOGIN_TEXTS.items():
        address = escape(f"{LOGIN}?lang={code}&next={quote(after, safe='')}")
        current = ' aria-current="true"' if code == lang else ""
        items.append(f'<li><a href="{address}" lang="{code}"{current}>{escape(texts.name)}</a></li>')
    return "".join(items)
