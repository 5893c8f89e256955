"""What the routes answer, and what they make of parameters."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metrics.catalogue import METRICS
from metrics.drift.baselines import Baseline
from metrics.drift.detection import Alarm
from metrics.drift.onset import Onset
from streams.drift import repository
from streams.figures import snapshot
from streams.figures.snapshot import Snapshot, figures_as_json
from streams.parameters import NoParameters, parameters_of
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.web import answers
from streams.web.answers import Site
from streams.web.routes import ROUTES, Route
from tests.faults.proxy import Proxy
from tests.streams.engine import EngineProcess
from tests.streams.given import NOON
from tests.streams.web.served import Served, served_by

NASTY = (
    "'", "' OR '1'='1", "'); DROP TABLE events; --", "{at:Float64}", "%", "../../etc/passwd",
    "<script>alert(1)</script>", "\\", "é☃", "x" * 2000, "a\r\nSet-Cookie: x=1", "${jndi:ldap://x}", "-1", "NaN", "[]",
)  # fmt: skip


async def test_balances_of_an_instant_are_those_of_the_store(served: Served, site: Site) -> None:
    at = NOON + timedelta(hours=2)
    for view in ("as_was", "as_is"):
        compiled = site.registry_watcher.current
        wanted = figures_as_json(snapshot.compute(site.store, compiled, at).balances[view], compiled.registry)
        answer = await served.get("/api/v1/balances", at="2026-04-01T14:00:00Z", view=view)
        assert answer.json == json.loads(json.dumps(wanted))
        assert {row["at"] for row in answer.json} == {"2026-04-01T14:00:00Z"}


async def test_filters_narrow_the_rows(served: Served) -> None:
    ask: dict[str, Any] = {"at": "2026-04-01", "department": "marketing", "metric": "nps", "horizon": "long"}
    (row,) = (await served.get("/api/v1/balances", **ask)).json
    assert (row["department"], row["metric"], row["horizon"], row["n"]) == ("marketing", "nps", "long", 20)
    cards = (await served.get("/api/v1/scorecards", at="2026-04-01", department="company")).json
    assert [card["department"] for card in cards] == ["company"]


async def test_now_is_the_refreshers_last_snapshot_where_there_is_one(site: Site, compiled: CompiledRegistry) -> None:
    taken = snapshot.compute(site.store, compiled, NOON)
    latest: list[Snapshot | None] = [taken]
    async with served_by(replace(site, latest=lambda: latest[0])) as served:
        assert {row["at"] for row in (await served.get("/api/v1/balances")).json} == {"2026-04-01T12:00:00Z"}
        latest[0] = None
        (fresh,) = {row["at"] for row in (await served.get("/api/v1/balances")).json}
        assert abs(datetime.fromisoformat(fresh) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("path", "query", "problem"),
    [
        ("balances", {"at": "yesterday"}, "at: 'yesterday' must be a date"),
        ("balances", {"at": "2026-04-01T12:00:00"}, "has no offset"),
        ("balances", {"at": ""}, "at: '' must be a date"),
        ("balances", {"view": "as_if"}, "view: one of as_was, as_is"),
        ("balances", {"metric": "mood"}, "metric: one of nps, csat, ces"),
        ("balances", {"department": "nosuch"}, "department: one of marketing, sales, logistics, company, unowned"),
        ("balances", {"department": "nosuch", "at": "2026-04-01"}, "department: one of marketing, sales, logistics"),
        ("scorecards", {"department": "nosuch"}, "department: one of marketing, sales, logistics, company, unowned"),
        ("surrogates", {"department": "nosuch"}, "department: one of marketing, sales, logistics, company, unowned"),
        ("governance", {"measure": "nosuch"}, "measure: one of clear_lines, coordination"),
        ("balances", {"department": "no such one"}, "department: an id of lower-case letters"),
        ("balances", {"since": "1", "until": "2"}, "unknown parameters: since, until; known: at, department, horizon"),
        ("scorecards", {"metric": "nps"}, "unknown parameters: metric"),
        ("scorecards", {"view": "AS_WAS"}, "view: one of"),
        ("drift", {"at": "2026-04-01"}, "unknown parameters: at; known: none"),
        ("drift/now", {"at": "x"}, "at: 'x' must be a date"),
        *(
            (path, {"at": "2100-01-01"}, "at: in the future")
            for path in ("balances", "scorecards", "drift/now", "drift/budget", "surrogates")
        ),
        *((path, {"to": "2100-01-01"}, "to: in the future") for path in ("governance", "report")),
        ("governance", {"from": "2026-03-20", "to": "2026-03-20"}, "from: give an instant before to"),
        ("touchpoints", {"at": "x"}, "at: 'x' must be a date"),
        ("rejected", {"reason": "' OR 1=1 --"}, "reason: one of too_large, not_json"),
        ("rejected", {"limit": "0"}, "limit: a whole number from 1 to 500"),
        ("rejected", {"limit": "501"}, "limit: a whole number from 1 to 500"),
        ("rejected", {"limit": "\u0661"}, "limit: a whole number from 1 to 500"),
        ("rejected", {"at": "2026-04-01"}, "unknown parameters: at; known: contains, limit, reason"),
        ("registry", {"x": "1"}, "unknown parameters: x"),
        ("catalogue", {"x": "1"}, "unknown parameters: x"),
        ("openapi.json", {"x": "1"}, "unknown parameters: x"),
    ],
)
async def test_a_wrong_parameter_is_explained_as_json(
    served: Served, path: str, query: dict[str, Any], problem: str
) -> None:
    answer = await served.get(f"/api/v1/{path}", **query)
    assert answer.status == 400
    assert problem in answer.json["error"]


async def test_a_parameter_may_be_given_only_once(served: Served) -> None:
    answer = await served.get("/api/v1/balances", params=[("view", "as_was"), ("view", "as_is")])
    assert (answer.status, answer.json) == (400, {"error": "view: given more than once; give it once"})


async def test_prometheus_gets_the_series_in_the_format_that_it_asks_for(served: Served) -> None:
    wanted = {"Accept": "application/openmetrics-text;version=1.0.0", "Accept-Encoding": "gzip"}
    answer = await served.get("/metrics", headers=wanted)
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.text.endswith("# EOF\n")
    plain = await served.get("/metrics", headers={"Accept-Encoding": "identity"})
    assert plain.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "Content-Encoding" not in plain.headers


async def test_the_operators_routes_ignore_parameters(served: Served) -> None:
    for path in ("/health", "/ready", "/metrics"):
        assert (await served.get(path, probe="1")).status == 200


@pytest.mark.parametrize("value", NASTY)
async def test_what_is_injected_through_a_parameter_does_no_harm(served: Served, site: Site, value: str) -> None:
    for path in ("balances", "scorecards", "drift", "registry"):
        for name in ("at", "view", "department", "metric", "horizon", value):
            answer = await served.get(f"/api/v1/{path}", params=[(name, value)])
            assert answer.status in (200, 400)
            assert "json" in answer.headers["Content-Type"]
            assert len(answer.text) < 1000
            assert "Set-Cookie" not in answer.headers
    assert len((await served.get("/api/v1/balances", at="2026-04-01")).json) > 0


async def test_drift_has_the_columns_of_its_table(served: Served, site: Site) -> None:
    assert (await served.get("/api/v1/drift")).json == []
    names = ("at", "department", "metric", "state", "direction", "since", "statistic", "threshold", "baseline_id")
    values = [NOON, "sales", "nps", "down", "down", None, 6.5, 5.0, "b1"]
    await asyncio.to_thread(site.store.insert, "drift", names, [[value] for value in values])
    wanted = dict(zip(names, values, strict=True)) | {
        "at": "2026-04-01T12:00:00Z", "explained_by": "none", "since_from": None, "since_to": None,
    }  # fmt: skip
    assert (await served.get("/api/v1/drift")).json == [wanted]


async def test_drift_says_between_which_instants_it_may_have_begun(served: Served, site: Site) -> None:
    at_s = int(NOON.timestamp())
    alarm = Alarm(at_s, "sales", "nps", "down", at_s - 3600, 40.0, 30.0, "sales/nps/1", Onset(at_s - 216_000, at_s))
    await asyncio.to_thread(repository.save_alarms, site.store, [alarm], 0)
    [row] = (await served.get("/api/v1/drift")).json
    assert (row["since_from"], row["since_to"]) == ("2026-03-30T00:00:00Z", "2026-04-01T12:00:00Z")


async def test_the_budget_is_shown_beside_the_alarms_of_thirty_days(site: Site) -> None:
    at_s = int(NOON.timestamp())
    baseline = Baseline("sales", "nps", 1, "automatic", 0, 86_400, 86_400, 1000.0, 0.2, 0.8, 0.0, 1.0, 150.0)
    await asyncio.to_thread(repository.save_baselines, site.store, [(baseline, "")])
    alarm = Alarm(at_s - 60, "sales", "nps", "down", at_s - 3600, 40.0, 30.0, baseline.id)
    await asyncio.to_thread(repository.save_alarms, site.store, [alarm], 0)
    async with served_by(replace(site, drift_budget=0.5)) as served:
        answer = (await served.get("/api/v1/drift/budget", at="2026-04-01T12:00:00Z")).json
    assert answer.pop("text").startswith(
        "detectors: 1; false alarms to expect a month, all departments together: about 0.5;"
    )
    assert answer == {
        "at": "2026-04-01T12:00:00Z", "detectors": 1, "expected_a_month": 0.5, "alarms": 1, "explained": 0,
    }  # fmt: skip


async def test_drift_now_has_the_story_of_what_is_in_alarm(served: Served, site: Site) -> None:
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
    registry = (await served.get("/api/v1/registry")).json
    assert (registry["version"], registry["policy"], registry["sponsor"], registry["valid"], registry["error"]) == (
        "v1", "single", "cmo", True, None,
    )  # fmt: skip
    assert {"id": "logistics", "name": "Logistics", "office": "back"} in registry["departments"]
    assert registry["touchpoints"][0]["name"] == {"en": "Checkout", "it": "Cassa"}
    await asyncio.to_thread(site.registry_watcher.path.write_text, "version = ")
    site.registry_watcher.check()
    registry = (await served.get("/api/v1/registry")).json
    assert (registry["version"], registry["valid"]) == ("v1", False)
    assert "not TOML" in registry["error"]


async def test_ready_says_why_it_is_not(site: Site) -> None:
    reason = ["joining the consumer group"]
    async with served_by(replace(site, ready=lambda: reason[0])) as served:
        answer = await served.get("/ready")
        assert (answer.status, answer.json) == (503, {"ready": False, "reason": "joining the consumer group"})
        assert (await served.get("/health")).json == {"status": "alive"}
        reason[0] = ""
        answer = await served.get("/ready")
        assert (answer.status, answer.json) == (200, {"ready": True, "reason": ""})


async def test_a_store_that_is_away_is_reported_and_everything_else_goes_on(site: Site) -> None:
    away = Store(EngineProcess(1, "secret-word").settings("cx"))
    async with served_by(replace(site, store=away)) as served:
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
    monkeypatch.setattr(answers, "QUERY_DEADLINE_S", 0.3)
    proxy = Proxy(engine.port)
    slow = Store(EngineProcess(proxy.port, engine.password).settings(site.store.database))
    await asyncio.to_thread(slow.query, "SELECT 1")
    proxy.behaviour.black_hole = True
    async with served_by(replace(site, store=slow)) as served:
        answer = await served.get("/api/v1/balances")
        assert answer.status == 504
        assert "did not answer within" in answer.json["error"]
        assert (await served.get("/health")).status == 200
        proxy.heal()
    slow.close()
    proxy.close()


async def test_rejected_events_come_latest_first_by_reason_and_up_to_a_limit(served: Served, site: Site) -> None:
    row = {"detail": "why", "topic": "t", "partition": 0, "payload": "{", "fingerprint": 1, "customer": ""}
    reasons = [(1, "not_json"), (2, "too_old"), (3, "not_json")]
    rows = [row | {"offset": offset, "reason": reason} for offset, reason in reasons]
    await asyncio.to_thread(site.store.insert_rejected, rows)
    rows = (await served.get("/api/v1/rejected")).json
    assert [row["offset"] for row in rows] == [3, 2, 1]
    assert set(rows[0]) == {"rejected_at", "reason", "detail", "topic", "partition", "offset", "payload"}
    [row] = (await served.get("/api/v1/rejected", reason="not_json", limit="1")).json
    assert row["offset"] == 3


async def test_the_catalogue_explains_each_metric(served: Served) -> None:
    rows = (await served.get("/api/v1/catalogue")).json
    assert {row["name"]: (row["term"], row["unit"], row["meaning"], row["interval"]) for row in rows} == {
        name: (metric.term, metric.unit, metric.meaning, metric.interval) for name, metric in METRICS.items()
    }


async def test_the_registry_has_targets_and_half_lives(served: Served) -> None:
    registry = (await served.get("/api/v1/registry")).json
    assert registry["horizons"] == {"short_s": 7 * 86_400, "long_s": 90 * 86_400}
    assert [(row["metric"], row["department"], row["floor"], row["internal"]) for row in registry["targets"]] == [
        ("nps", None, 0, 40), ("traffic", None, 0, 100),
    ]  # fmt: skip


async def test_touchpoints_are_those_of_an_instant(served: Served) -> None:
    for at, owner in (("2026-03-31", "marketing"), ("2026-04-01", "sales")):
        [row] = (await served.get("/api/v1/touchpoints", at=at)).json
        assert (row["touchpoint"], row["owners"]) == ("web.checkout", [owner])


async def test_a_department_that_had_figures_before_is_still_known(served: Served, site: Site) -> None:
    for path in ("balances", "scorecards"):
        assert (await served.get(f"/api/v1/{path}", department="choir")).status == 400
    taken = snapshot.compute(site.store, site.registry_watcher.current, NOON)
    past = [replace(row, department="choir") for row in taken.balances["as_was"]]
    await asyncio.to_thread(snapshot.save, site.store, replace(taken, balances={"as_was": past}, scorecards={}))
    for path in ("balances", "scorecards"):
        answer = await served.get(f"/api/v1/{path}", department="choir")
        assert (answer.status, answer.json) == (200, [])


ASKED_BY_GET = [route for route in ROUTES if route.parameters and not route.body]


@pytest.mark.parametrize("route", ASKED_BY_GET, ids=lambda route: route.path)
async def test_no_route_answers_a_name_that_does_not_exist_with_an_empty_list(served: Served, route: Route) -> None:
    for name in {*parameters_of(route.parameters or NoParameters)} - {"contains"}:  # a search finds nothing
        path = route.path.replace(f"{{{name}}}", "nosuch")
        answer = await served.get(path, params=[(name, "nosuch")] if path == route.path else [])
        assert answer.status == 400, (name, answer.text[:200])
        assert answer.json["error"].startswith(f"{name}: ")
