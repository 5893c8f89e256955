import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from metrics.drift.baselines import Baseline
from metrics.drift.detection import Alarm
from streams.drift import repository
from streams.figures import minutes, snapshot
from streams.figures.snapshot import Snapshot, as_json
from streams.ingest.telemetry import Telemetry
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.settings.settings import HttpSettings
from streams.store.client import Store
from streams.web import api
from streams.web.api import Site
from streams.web.server import application, serve, static_names
from tests.faults.proxy import Proxy
from tests.streams.engine import EngineProcess
from tests.streams.given import NOON, event, facts_of

TOKEN = "a-token-of-enough-length"
PATHS = ("/", *(f"/static/{name}" for name in static_names()), "/metrics", "/health", "/ready", "/api/v1/balances",
         "/api/v1/scorecards", "/api/v1/drift", "/api/v1/drift/now", "/api/v1/registry", "/api/v1/report",
         "/api/v1/governance", "/api/v1/touchpoints", "/api/v1/rejected", "/api/v1/catalogue")  # fmt: skip
NASTY = (
    "'", "' OR '1'='1", "'); DROP TABLE events; --", "{at:Float64}", "%", "../../etc/passwd",
    "<script>alert(1)</script>", "\\", "é☃", "x" * 2000, "a\r\nSet-Cookie: x=1", "${jndi:ldap://x}", "-1", "NaN", "[]",
)  # fmt: skip


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

    async def get(self, path: str, method: str = "GET", headers: dict[str, str] | None = None, **query: str) -> Answer:
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self._client.request(method, url, params=query, headers=headers) as response:
            return Answer(response.status, response.headers, await response.text())


@pytest.fixture
def filled(store: Store, compiled: CompiledRegistry) -> Store:
    """Twenty answers about the web, when marketing owned it."""
    answers = [event(n, score=10 if n % 4 else 0, at=datetime(2026, 3, 10, 9, tzinfo=UTC)) for n in range(20)]
    store.insert_facts(facts_of(answers, compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    return store


@pytest.fixture
def site(filled: Store, registry_path: Path) -> Site:
    return Site(filled, RegistryWatcher(registry_path), Telemetry(), lambda: None, lambda: "")


@asynccontextmanager
async def serving(site: Site, settings: HttpSettings | None = None) -> AsyncIterator[Served]:
    async with serve(site, settings or HttpSettings(port=0)) as port, aiohttp.ClientSession() as client:
        yield Served(port, client)


@pytest.fixture
async def served(site: Site) -> AsyncIterator[Served]:
    async with serving(site) as found:
        yield found


async def test_every_route_answers_with_its_type_and_the_security_headers(served: Served) -> None:
    for path in PATHS:
        answer = await served.get(path)
        assert answer.status == 200, path
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        kinds = {"json": path.startswith(("/api", "/health", "/ready")), "image/svg": path.endswith(".svg")}
        wanted = next((kind for kind, is_it in kinds.items() if is_it), "text/")
        assert wanted in answer.headers["Content-Type"]


def test_the_routes_are_these_and_no_others(site: Site) -> None:
    routes = application(site, HttpSettings()).router.routes()
    assert {route.resource.canonical for route in routes if route.resource} == set(PATHS)


async def test_an_unknown_path_is_not_found(served: Served) -> None:
    for path in ("/api/v1/events", "/static/../server.py", "/static/%2e%2e/server.py", "/api", "/metrics/"):
        assert (await served.get(path)).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_only_reading_is_allowed(served: Served, method: str) -> None:
    for path in PATHS:
        assert (await served.get(path, method)).status == 405, path


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:6066", "127.0.0.1.evil.example", "10.0.0.1", "localhost.x"]
)
async def test_a_foreign_host_is_refused(served: Served, host: str) -> None:
    for path in PATHS:
        answer = await served.get(path, headers={"Host": host})
        assert (answer.status, answer.text) == (403, "unknown Host\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9", "[::1]:6066"])
async def test_this_machine_goes_by_several_names(served: Served, host: str) -> None:
    assert (await served.get("/health", headers={"Host": host})).status == 200


async def test_another_sites_page_gets_no_leave_to_read(served: Served) -> None:
    for path in PATHS:
        answer = await served.get(path, headers={"Origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


async def test_with_a_token_everything_but_health_demands_it(site: Site) -> None:
    async with serving(site, HttpSettings(port=0, token=TOKEN)) as served:  # type: ignore[arg-type]
        for path in PATHS:
            wrong = ({}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}, {"Authorization": "Bearer é"})
            for headers in wrong:
                answer = await served.get(path, headers=headers)
                assert answer.status == (200 if path == "/health" else 401), path
                assert TOKEN not in answer.text
            assert (await served.get(path, headers={"Authorization": f"Bearer {TOKEN}"})).status == 200


async def test_refusals_carry_the_security_headers_too(site: Site) -> None:
    async with serving(site, HttpSettings(port=0, token=TOKEN)) as served:  # type: ignore[arg-type]
        for answer in (
            await served.get("/"),
            await served.get("/nowhere"),
            await served.get("/", headers={"Host": "x"}),
        ):
            assert answer.status in (401, 403, 404)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_listener_for_others_is_asked_by_any_name(site: Site) -> None:
    async with serving(site, HttpSettings(host="0.0.0.0", port=0, token=TOKEN)) as served:  # type: ignore[arg-type]
        headers = {"Host": "worker.example", "Authorization": f"Bearer {TOKEN}"}
        assert (await served.get("/metrics", headers=headers)).status == 200


async def test_balances_of_an_instant_are_those_of_the_store(served: Served, site: Site) -> None:
    at = NOON + timedelta(hours=2)
    for view in ("as_was", "as_is"):
        wanted = as_json(snapshot.compute(site.store, site.registry_watcher.current, at).balances[view])  # type: ignore[index]
        answer = await served.get("/api/v1/balances", at="2026-04-01T14:00:00Z", view=view)
        assert answer.json == json.loads(json.dumps(wanted))
        assert {row["at"] for row in answer.json} == {"2026-04-01T14:00:00Z"}


async def test_filters_narrow_the_rows(served: Served) -> None:
    ask = {"at": "2026-04-01", "department": "marketing", "metric": "nps", "horizon": "long"}
    (row,) = (await served.get("/api/v1/balances", **ask)).json
    assert (row["department"], row["metric"], row["horizon"], row["n"]) == ("marketing", "nps", "long", 20)
    assert (await served.get("/api/v1/balances", **(ask | {"department": "nobody"}))).json == []
    cards = (await served.get("/api/v1/scorecards", at="2026-04-01", department="company")).json
    assert [card["department"] for card in cards] == ["company"]


async def test_now_is_the_refreshers_last_snapshot_where_there_is_one(site: Site, compiled: CompiledRegistry) -> None:
    taken = snapshot.compute(site.store, compiled, NOON)
    latest: list[Snapshot | None] = [taken]
    async with serving(replace(site, latest=lambda: latest[0])) as served:
        assert {row["at"] for row in (await served.get("/api/v1/balances")).json} == {"2026-04-01T12:00:00Z"}
        latest[0] = None
        (fresh,) = {row["at"] for row in (await served.get("/api/v1/balances")).json}
        assert abs(datetime.fromisoformat(fresh) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("path", "query", "reason"),
    [
        ("balances", {"at": "yesterday"}, "at: 'yesterday' must be a date"),
        ("balances", {"at": "2026-04-01T12:00:00"}, "has no offset"),
        ("balances", {"at": ""}, "at: '' must be a date"),
        ("balances", {"view": "as_if"}, "view: one of as_was, as_is"),
        ("balances", {"since": "1", "until": "2"}, "unknown parameters: since, until; known: at, department, horizon"),
        ("scorecards", {"metric": "nps"}, "unknown parameters: metric"),
        ("scorecards", {"view": "AS_WAS"}, "view: one of"),
        ("drift", {"at": "2026-04-01"}, "unknown parameters: at; known: none"),
        ("registry", {"x": "1"}, "unknown parameters: x"),
    ],
)
async def test_a_wrong_parameter_is_told_as_json(served: Served, path: str, query: dict[str, str], reason: str) -> None:
    answer = await served.get(f"/api/v1/{path}", **query)
    assert answer.status == 400
    assert reason in answer.json["error"]


@pytest.mark.parametrize("value", NASTY)
async def test_what_is_injected_through_a_parameter_does_no_harm(served: Served, site: Site, value: str) -> None:
    for path in ("balances", "scorecards", "drift", "registry"):
        for name in ("at", "view", "department", "metric", "horizon", value):
            answer = await served.get(f"/api/v1/{path}", **{name: value})
            assert answer.status in (200, 400)
            assert "json" in answer.headers["Content-Type"]
            assert len(answer.text) < 1000
            assert "Set-Cookie" not in answer.headers
    assert len((await served.get("/api/v1/balances", at="2026-04-01")).json) > 0


async def test_drift_has_the_columns_of_its_table(served: Served, site: Site) -> None:
    assert (await served.get("/api/v1/drift")).json == []
    names = ("at", "department", "metric", "state", "direction", "since", "statistic", "threshold", "baseline_id")
    row = [NOON, "sales", "nps", "down", "down", None, 6.5, 5.0, "b1"]
    await asyncio.to_thread(site.store.insert, "drift", names, [[value] for value in row])
    wanted = dict(zip(names, row, strict=True)) | {"at": "2026-04-01T12:00:00Z"}
    assert (await served.get("/api/v1/drift")).json == [wanted]


async def test_drift_now_tells_the_story_of_what_is_in_alarm(served: Served, site: Site) -> None:
    assert (await served.get("/api/v1/drift/now")).json == []
    baseline = Baseline("sales", "nps", 1, "automatic", 0, 86_400, 86_400, 1000.0, 0.2, 0.8, 0.0, 1.0, 150.0)
    await asyncio.to_thread(repository.save_baselines, site.store, [(baseline, "")])
    at_s = int(NOON.timestamp())
    alarm = Alarm(at_s, "sales", "nps", "down", at_s - 3600, 40.0, 30.0, baseline.id)
    await asyncio.to_thread(repository.save_alarms, site.store, [alarm], 0)
    [story] = (await served.get("/api/v1/drift/now")).json
    assert (story["department"], story["state"], story["since"]) == ("sales", "down", "2026-04-01T11:00:00Z")
    assert story["text"].startswith("nps of sales down since 1 April 2026")


async def test_the_registry_in_force_is_shown_with_the_error_of_a_broken_file(served: Served, site: Site) -> None:
    found = (await served.get("/api/v1/registry")).json
    assert (found["version"], found["policy"], found["sponsor"], found["valid"], found["error"]) == (
        "v1", "single", "cmo", True, None,
    )  # fmt: skip
    assert {"id": "logistics", "name": "Logistics", "office": "back"} in found["departments"]
    assert found["touchpoints"][0]["name"] == {"en": "Checkout", "it": "Cassa"}
    await asyncio.to_thread(site.registry_watcher.path.write_text, "version = ")
    site.registry_watcher.check()
    found = (await served.get("/api/v1/registry")).json
    assert (found["version"], found["valid"]) == ("v1", False)
    assert "not TOML" in found["error"]


async def test_ready_says_why_it_is_not(site: Site) -> None:
    reason = ["joining the consumer group"]
    async with serving(replace(site, ready=lambda: reason[0])) as served:
        answer = await served.get("/ready")
        assert (answer.status, answer.json) == (503, {"ready": False, "reason": "joining the consumer group"})
        assert (await served.get("/health")).json == {"status": "alive"}
        reason[0] = ""
        answer = await served.get("/ready")
        assert (answer.status, answer.json) == (200, {"ready": True, "reason": ""})


async def test_a_store_that_is_away_is_told_and_everything_else_goes_on(site: Site) -> None:
    away = Store(EngineProcess(1, "secret-word").settings("cx"))
    async with serving(replace(site, store=away)) as served:
        for path in ("balances", "scorecards", "drift"):
            answer = await served.get(f"/api/v1/{path}")
            assert answer.status == 503
            assert "does not answer" in answer.json["error"]
            assert "secret-word" not in answer.text
        for path in ("/", "/health", "/metrics", "/api/v1/registry"):
            assert (await served.get(path)).status == 200


async def test_a_slow_store_is_given_up_in_time(
    site: Site, engine: EngineProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "QUERY_DEADLINE_S", 0.3)
    proxy = Proxy(engine.port)
    slow = Store(EngineProcess(proxy.port, engine.password).settings(site.store.database))
    await asyncio.to_thread(slow.query, "SELECT 1")
    proxy.behaviour.black_hole = True
    async with serving(replace(site, store=slow)) as served:
        answer = await served.get("/api/v1/balances")
        assert answer.status == 504
        assert "did not answer within" in answer.json["error"]
        assert (await served.get("/health")).status == 200
        proxy.heal()
    slow.close()
    proxy.close()


async def test_a_taken_port_is_an_error(site: Site) -> None:
    async with serve(site, HttpSettings(port=0)) as port:
        with pytest.raises(OSError, match="address already in use"):
            async with serve(site, HttpSettings(port=port)):
                pass


async def test_a_body_is_never_read(served: Served) -> None:
    async with aiohttp.ClientSession() as client:
        url = f"http://127.0.0.1:{served.port}/health"
        async with client.get(url, data=b"x" * 100_000) as response:
            assert response.status in (200, 413)
