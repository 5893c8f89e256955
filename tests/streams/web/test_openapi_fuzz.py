"""A running service is asked for what its OpenAPI document allows and forbids, and each answer is compared with it."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from streams.settings.settings import HttpSettings
from streams.web.answers import Site
from streams.web.openapi import Guards, document
from streams.web.routes import ROUTES
from tests.streams.fuzz import fuzz
from tests.streams.web.page_of import fill
from tests.streams.web.served import TOKEN, Served, served_by

EXAMPLES = 5


async def fuzz_api(served: Served, openapi: dict[str, Any], directory: Path, *options: str) -> tuple[int, str]:
    """The exit code and the report of schemathesis."""
    url = f"http://127.0.0.1:{served.port}"
    return await fuzz(url, TOKEN, openapi, directory, "tests.streams.web.fuzzing", EXAMPLES, *options)


@pytest.fixture
async def guarded(site: Site) -> Any:
    async with served_by(site, HttpSettings(port=0, token=TOKEN)) as served:
        yield served


@pytest.mark.long
async def test_the_service_does_what_its_document_says(guarded: Served, site: Site, tmp_path: Path) -> None:
    await asyncio.to_thread(fill, site.store, site)
    answer = await guarded.get("/api/v1/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"})
    code, report = await fuzz_api(guarded, answer.json, tmp_path)
    assert code == 0, report
    assert re.search(rf"Tested: {len(ROUTES)}$", report, re.MULTILINE), report
    [generated] = re.findall(r"(\d+) generated, \1 passed", report) or pytest.fail(report)
    assert int(generated) > 400


@pytest.mark.long
async def test_a_document_that_differs_from_the_service_is_noticed(guarded: Served, tmp_path: Path) -> None:
    openapi = document(ROUTES, Guards(token=True, host=True))
    parameters = openapi["paths"]["/api/v1/scorecards"]["get"]["parameters"]
    [view] = [parameter for parameter in parameters if parameter["name"] == "view"]
    view["schema"]["enum"] = ["as_was", "as_if"]
    code, report = await fuzz_api(guarded, openapi, tmp_path, "--include-path", "/api/v1/scorecards")
    assert code == 1, report
    assert "Schema-valid request rejected" in report
