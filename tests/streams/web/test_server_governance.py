"""The figures of governance over HTTP."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from streams.governance.counting import Question, as_rows, compute
from streams.ingest.telemetry import Telemetry
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.settings.settings import HttpSettings
from streams.store.client import Store
from streams.web.answers import Site
from streams.web.server import serve
from tests.streams.given import event, facts_of

AT = datetime(2026, 3, 20, tzinfo=UTC)


@pytest.fixture
async def ask(store: Store, compiled: CompiledRegistry, registry_path: Path) -> AsyncIterator[Any]:
    """Asks a served site for the figures."""
    answers = [event(n, score=n % 11, at=datetime(2026, 3, 10, 9, tzinfo=UTC)) for n in range(20)]
    store.insert_facts(facts_of(answers, compiled))
    site = Site(store, RegistryWatcher(registry_path), Telemetry(), lambda: None, lambda: "")
    async with serve(site, HttpSettings(port=0)) as port, aiohttp.ClientSession() as client:

        async def get(**query: str) -> tuple[int, Any]:
            async with client.get(f"http://127.0.0.1:{port}/api/v1/governance", params=query) as response:
                return response.status, json.loads(await response.text())

        yield get


async def test_the_figures_are_those_of_the_period(ask: Any, store: Store, compiled: CompiledRegistry) -> None:
    wanted = as_rows(compute(store, compiled, Question(AT - timedelta(days=90), AT)))
    assert await ask(to="2026-03-20") == (200, json.loads(json.dumps(wanted)))
    _, [row] = await ask(**{"from": "2026-03-19"}, to="2026-03-20", measure="orphan_events")
    assert (row["value"], row["n"]) == (None, 0)


async def test_the_names_of_the_version_before_still_work(ask: Any) -> None:
    assert await ask(since="2026-03-01", at="2026-03-20") == await ask(**{"from": "2026-03-01", "to": "2026-03-20"})


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"from": "2026-03-20", "to": "2026-03-20"}, "from: give an instant before to"),
        ({"since": "2026-03-20", "at": "2026-03-20"}, "from: give an instant before to"),
        ({"since": "yesterday"}, "since: 'yesterday' must be a date"),
        ({"since": "2026-03-20", "from": "2026-03-20"}, "from: given more than once, as since and from; give it once"),
        ({"measure": "Talk"}, "measure: one of clear_lines, coordination, accountable"),
        ({"view": "as_if"}, "view: one of as_was, as_is"),
        ({"department": "it"}, "unknown parameters: department; known: from, measure, to, view"),
    ],
)
async def test_a_wrong_parameter_is_explained(ask: Any, query: dict[str, str], problem: str) -> None:
    status, answer = await ask(**query)
    assert status == 400
    assert problem in answer["error"]
