"""What the routes answer about an instant: at the ends of time, in the future, and under targets that end."""

import asyncio
from typing import Any

import pytest

from streams.parameters import parameters_of
from streams.web.answers import Site
from streams.web.routes import ROUTES, Route
from tests.streams.given import REGISTRY
from tests.streams.web.served import Served


def _names(route: Route) -> set[str]:
    """Its parameters of today."""
    return set() if route.parameters is None else set(parameters_of(route.parameters))


@pytest.mark.parametrize("instant", ["1970-01-01", "1970-01-01T00:00:01Z", "2105-12-31T23:59:59Z"])
@pytest.mark.parametrize(
    "path", ["balances", "scorecards", "touchpoints", "drift/now", "governance", "surrogates", "report"]
)
async def test_the_ends_of_time_are_instants_like_others(served: Served, path: str, instant: str) -> None:
    name = "to" if path in ("governance", "report") else "at"
    answer = await served.get(f"/api/v1/{path}", params=[(name, instant)])
    assert answer.status in (200, 400), answer.text


async def test_targets_are_those_of_the_instant_and_rows_say_how_far_from_them(site: Site, served: Served) -> None:
    text = REGISTRY.replace("internal = 40", "internal = 40\nto = 2026-04-01") + """
[[target]]
metric = "nps"
floor = 0
internal = 90
from = 2026-04-01
"""  # fmt: skip
    await asyncio.to_thread(site.registry_watcher.path.write_text, text)
    site.registry_watcher.check()
    for at, internal in (("2026-03-31T23:59:00Z", 40), ("2026-04-01", 90)):
        ask: dict[str, Any] = {"at": at, "department": "marketing", "metric": "nps", "horizon": "long"}
        [row] = (await served.get("/api/v1/balances", **ask)).json
        assert (row["target"], row["distance"]) == (internal, pytest.approx(row["value"] - internal))
        assert row["beyond_noise"] is not (row["ci_low"] <= internal <= row["ci_high"])
        registry = (await served.get("/api/v1/registry", at=at)).json
        targets, others = ([row["internal"] for row in registry[key]] for key in ("targets", "other_targets"))
        assert internal in targets
        assert others == [130 - internal]
    assert registry["targets"][-1]["from"] == "2026-04-01T00:00:00Z"


async def test_the_registry_of_a_future_instant_is_refused(served: Served) -> None:
    answer = await served.get("/api/v1/registry", at="2105-01-01")
    assert (answer.status, "at: in the future" in answer.text) == (400, True)


@pytest.mark.parametrize("path", sorted(route.path for route in ROUTES if "at" in _names(route) and not route.body))
async def test_no_route_answers_for_an_instant_in_the_future(served: Served, path: str) -> None:
    answer = await served.get(path, at="2105-01-01")
    assert (answer.status, "at: in the future, by a clock that shows" in answer.text) == (400, True), answer.text


@pytest.mark.parametrize("path", ["governance", "report", "trends"])
async def test_no_period_ends_or_begins_in_the_future(served: Served, path: str) -> None:
    begin, end = ("from", "2105-01-01"), ("to", "2105-01-01")
    for query in ([end], [begin], [("from", "2104-01-01"), end]):
        answer = await served.get(f"/api/v1/{path}", params=query)
        assert answer.status == 400, (query, answer.text)
