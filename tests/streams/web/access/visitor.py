"""A client of a site that demands a token: it follows nothing and keeps no cookies."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from streams.settings.settings import HttpSettings
from streams.web.answers import Site
from streams.web.server import serve
from tests.streams.web.served import TOKEN

HTML = {"Accept": "text/html,application/xhtml+xml"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Any
    text: str

    @property
    def cookies(self) -> dict[str, str]:
        """Each cookie that was set, as its whole line, by name."""
        lines = self.headers.getall("Set-Cookie", [])
        return {line.partition("=")[0]: line for line in lines}


class Visitor:
    """The client."""

    def __init__(self, port: int, client: aiohttp.ClientSession) -> None:
        self.port, self._client = port, client

    async def send(self, path: str, method: str = "GET", headers: Any = None, data: Any = None) -> Reply:
        url = URL(f"http://127.0.0.1:{self.port}{path}", encoded=True)
        async with self._client.request(method, url, headers=headers, data=data, allow_redirects=False) as answer:
            return Reply(answer.status, answer.headers, await answer.text())

    async def log_in(self, token: str = TOKEN, headers: Any = None, **fields: str) -> Reply:
        return await self.send("/login", "POST", headers, {"token": token, **fields})

    async def session(self) -> dict[str, str]:
        """A header with the cookies of a login."""
        cookies = (await self.log_in()).cookies
        return {"Cookie": "; ".join(line.partition(";")[0] for line in cookies.values())}


@asynccontextmanager
async def guarded(site: Site, **settings: Any) -> AsyncIterator[Visitor]:
    http = HttpSettings(port=0, **({"token": TOKEN} | settings))
    async with serve(site, http) as port, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Visitor(port, client)


def basic(password: str, user: str = "") -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}
