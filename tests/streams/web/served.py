"""A site that is served, and a client of it."""

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from streams.settings.settings import HttpSettings
from streams.web.answers import Site
from streams.web.server import serve, static_names

TOKEN = "a-token-of-enough-length"
PATHS = ("/", *(f"/static/{name}" for name in static_names()), "/metrics", "/health", "/ready", "/api/v1/balances",
         "/api/v1/scorecards", "/api/v1/drift", "/api/v1/drift/now", "/api/v1/drift/budget", "/api/v1/registry",
         "/api/v1/registry/text", "/api/v1/report", "/api/v1/governance", "/api/v1/surrogates", "/api/v1/touchpoints",
         "/api/v1/rejected", "/api/v1/rejected/summary", "/api/v1/catalogue", "/api/v1/openapi.json",
         "/api/v1/trends", "/api/v1/annotations", "/api/v1/distribution",
         "/api/v1/responses",
         "/api/v1/scorecards/history", "/api/v1/overview", "/api/v1/data-alarms", "/api/v1/cases",
         "/api/v1/schemas", "/api/v1/schemas/event", "/api/v1/sources/seen")  # fmt: skip
OF_A_NAME = {"/api/v1/schemas/event": "/api/v1/schemas/{name}"}
"""Paths with a parameter: each as a client has it, and as the route has it."""
POSTS = ("/api/v1/what-if",)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Served:
    """A site that is served, and a client of it."""

    def __init__(self, port: int, client: aiohttp.ClientSession) -> None:
        self.port, self._client = port, client

    async def get(
        self,
        path: str,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        params: list[tuple[str, str]] | None = None,
        body: bytes | None = None,
        **query: Any,
    ) -> Answer:
        url = f"http://127.0.0.1:{self.port}{path}"
        data = None if body is None else io.BytesIO(body)
        async with self._client.request(method, url, params=params or query, headers=headers, data=data) as response:
            return Answer(response.status, response.headers, await response.text())


@asynccontextmanager
async def served_by(site: Site, settings: HttpSettings | None = None) -> AsyncIterator[Served]:
    async with serve(site, settings or HttpSettings(port=0)) as port, aiohttp.ClientSession() as client:
        yield Served(port, client)
