"""The routes that the page reads, besides figures."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from metrics.catalogue import METRICS
from streams.ingest.telemetry import Telemetry
from streams.registry.file import RegistryWatcher
from streams.settings.settings import HttpSettings
from streams.store.client import Store
from streams.web.api import Site
from streams.web.server import serve


@pytest.fixture
async def ask(store: Store, registry_path: Path) -> AsyncIterator[Any]:
    """Asks a served site."""
    site = Site(store, RegistryWatcher(registry_path), Telemetry(), lambda: None, lambda: "")
    async with serve(site, HttpSettings(port=0)) as port, aiohttp.ClientSession() as client:

        async def asked(path: str, **query: str) -> tuple[int, Any]:
            async with client.get(f"http://127.0.0.1:{port}/api/v1/{path}", params=query) as response:
                return response.status, json.loads(await response.text())

        yield asked


async def test_refused_events_are_told_latest_first_by_reason_and_so_many(ask: Any, store: Store) -> None:
    row = {"detail": "why", "topic": "t", "partition": 0, "payload": "{", "fingerprint": 1, "customer": ""}
    found = [(1, "not_json"), (2, "too_old"), (3, "not_json")]
    rows = [row | {"offset": offset, "reason": reason} for offset, reason in found]
    await asyncio.to_thread(store.insert_rejected, rows)
    _, rows = await ask("rejected")
    assert [row["offset"] for row in rows] == [3, 2, 1]
    assert set(rows[0]) == {"rejected_at", "reason", "detail", "topic", "partition", "offset", "payload"}
    assert [row["offset"] for row in (await ask("rejected", reason="not_json", limit="1"))[1]] == [3]


@pytest.mark.parametrize(
    ("path", "query", "says"),
    [
        ("rejected", {"reason": "' OR 1=1 --"}, "reason: one of too_large, not_json"),
        ("rejected", {"limit": "0"}, "limit: a whole number from 1 to 500"),
        ("rejected", {"limit": "501"}, "limit: a whole number from 1 to 500"),
        ("rejected", {"limit": "\u0661"}, "limit: a whole number from 1 to 500"),
        ("rejected", {"at": "2026-04-01"}, "unknown parameters: at; known: limit, reason"),
        ("touchpoints", {"at": "x"}, "at: 'x' must be a date"),
        ("drift/now", {"at": "x"}, "at: 'x' must be a date"),
        ("catalogue", {"x": "1"}, "unknown parameters: x"),
    ],
)
async def test_a_wrong_parameter_is_told(ask: Any, path: str, query: dict[str, str], says: str) -> None:
    status, answer = await ask(path, **query)
    assert status == 400
    assert says in answer["error"]


async def test_the_catalogue_explains_each_metric(ask: Any) -> None:
    _, rows = await ask("catalogue")
    assert {row["name"]: (row["term"], row["unit"], row["meaning"], row["interval"]) for row in rows} == {
        name: (metric.term, metric.unit, metric.meaning, metric.interval) for name, metric in METRICS.items()
    }


async def test_the_registry_tells_targets_and_half_lives(ask: Any) -> None:
    _, found = await ask("registry")
    assert found["horizons"] == {"short_s": 7 * 86_400, "long_s": 90 * 86_400}
    assert [(one["metric"], one["department"], one["floor"], one["internal"]) for one in found["targets"]] == [
        ("nps", None, 0, 40), ("traffic", None, 0, 100),
    ]  # fmt: skip


async def test_touchpoints_are_told_for_an_instant(ask: Any) -> None:
    for at, owner in (("2026-03-31", "marketing"), ("2026-04-01", "sales")):
        _, [row] = await ask("touchpoints", at=at)
        assert (row["touchpoint"], row["owners"]) == ("web.checkout", [owner])
