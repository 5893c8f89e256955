"""The OpenAPI document is valid, complete, and served."""

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from streams.parameters import parameters_of
from streams.settings.settings import HttpSettings
from streams.web.answers import Site
from streams.web.openapi import Guards, document
from streams.web.routes import ROUTES
from streams.web.server import OPEN, application
from tests.streams.web.served import PATHS, POSTS, TOKEN, Served, served_by

GUARDED = Guards(token=True, host=False)
EVERY_KIND = [Guards(token, host) for token in (True, False) for host in (True, False)]


def operations(openapi: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {path: operation for path, item in openapi["paths"].items() for operation in item.values()}


@pytest.mark.parametrize("guards", EVERY_KIND)
def test_it_is_valid_by_the_specification(guards: Guards) -> None:
    openapi = document(ROUTES, guards)
    assert openapi["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(openapi).validate()


def test_the_validator_would_notice() -> None:
    openapi = document(ROUTES, GUARDED)
    openapi["paths"]["/health"]["get"]["parameters"] = [{"name": "x", "in": "nowhere"}]
    assert not OpenAPIV31SpecValidator(openapi).is_valid()


def test_every_route_is_in_it_and_every_documented_route_exists(site: Site) -> None:
    pages = {path for path in PATHS if path == "/" or path.startswith("/static/")}
    routes = application(site, HttpSettings()).router.routes()
    served = {(route.method, route.resource.canonical) for route in routes if route.resource}
    documented = document(ROUTES, GUARDED)["paths"]
    assert set(documented) == {path for _, path in served} - pages - {"/login", "/logout"}
    assert {(method.upper(), path) for path, item in documented.items() for method in item} <= served


def test_every_parameter_is_described_and_old_names_are_deprecated() -> None:
    described = operations(document(ROUTES, GUARDED))
    for route in ROUTES:
        names = {parameter["name"]: parameter for parameter in described[route.path]["parameters"]}
        current = {name for name, parameter in names.items() if not parameter.get("deprecated")}
        assert current == set(parameters_of(route.parameters) if route.parameters else ())
        assert all(parameter["description"] for parameter in names.values())
        old = {"since", "at"} if route.path in ("/api/v1/governance", "/api/v1/report") else set()
        assert set(names) - current == old


def test_every_operation_has_an_id_and_a_summary_of_its_own() -> None:
    described = list(operations(document(ROUTES, GUARDED)).values())
    assert len({operation["operationId"] for operation in described}) == len(described)
    assert len({operation["summary"] for operation in described}) == len(described)
    assert all(operation["summary"].endswith(".") for operation in described)


@pytest.mark.parametrize("guards", EVERY_KIND)
def test_statuses_are_those_that_a_worker_can_answer_with(guards: Guards) -> None:
    described = operations(document(ROUTES, guards))
    for path, operation in described.items():
        assert ("401" in operation["responses"]) == (guards.token and path not in OPEN)
        assert ("429" in operation["responses"]) == (guards.token and path not in OPEN)
        ways: list[dict[str, list[str]]] = [{"token": []}, {"password": []}]
        assert operation["security"] == (ways if guards.token and path not in OPEN else [])
        takes_a_body = "requestBody" in operation
        assert takes_a_body == (path in POSTS)
        assert ("403" in operation["responses"]) == (guards.host or takes_a_body)
        for status in ("408", "413", "415"):
            assert (status in operation["responses"]) == takes_a_body
        assert ("400" in operation["responses"]) == path.startswith("/api/")
    assert {"503", "504"} <= set(described["/api/v1/balances"]["responses"])
    assert {"503", "504"}.isdisjoint(described["/api/v1/registry"]["responses"])
    assert set(described["/ready"]["responses"]) >= {"200", "503"}


async def test_it_is_served_behind_the_token_and_describes_the_worker_that_serves_it(site: Site) -> None:
    async with served_by(site, HttpSettings(port=0, token=TOKEN)) as served:
        assert (await served.get("/api/v1/openapi.json")).status == 401
        answer = await served.get("/api/v1/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.json == document(ROUTES, Guards(token=True, host=True))
    async with served_by(site, HttpSettings(host="0.0.0.0", port=0, token=TOKEN)) as served:
        answer = await served.get("/api/v1/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.json == document(ROUTES, Guards(token=True, host=False))


async def test_without_a_token_none_is_described(served: Served) -> None:
    answer = await served.get("/api/v1/openapi.json")
    assert answer.json == document(ROUTES, Guards(token=False, host=True))
    assert answer.json["components"]["securitySchemes"] == {}
