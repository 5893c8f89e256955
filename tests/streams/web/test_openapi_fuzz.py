"""A running service is asked for what its OpenAPI document allows and forbids, and each answer is compared with it."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from streams.settings.settings import HttpSettings
from streams.web.answers import Site
from streams.web.openapi import Guards, document
from streams.web.routes import ROUTES
from tests.streams.web.page_of import fill
from tests.streams.web.served import TOKEN, Served, served_by

PROJECT = Path(__file__).resolve().parents[3]
EXAMPLES = 5
"""Generated requests for each route; the limits of each parameter are also tried, one by one."""


async def fuzz(served: Served, openapi: dict[str, Any], directory: Path, *options: str) -> tuple[int, str]:
    """The exit code and the report of schemathesis. It is deterministic: it asks the same each time."""
    path = directory / "openapi.json"
    path.write_text(json.dumps(openapi))
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("st"), "run", path, "--url", f"http://127.0.0.1:{served.port}",
        "--header", f"Authorization: Bearer {TOKEN}", "--checks", "all", "--mode", "all",
        "--exclude-checks", "ignored_auth",  # so many wrong tokens have to wait: test_server tries some on each route
        "--max-examples", str(EXAMPLES), "--generation-deterministic", "--no-color", *options,
        cwd=directory, env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.streams.web.fuzzing", "PYTHONPATH": str(PROJECT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


@pytest.fixture
async def guarded(site: Site) -> Any:
    async with served_by(site, HttpSettings(port=0, token=TOKEN)) as served:
        yield served


@pytest.mark.long
async def test_the_service_does_what_its_document_says(guarded: Served, site: Site, tmp_path: Path) -> None:
    await asyncio.to_thread(fill, site.store, site)
    answer = await guarded.get("/api/v1/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"})
    code, report = await fuzz(guarded, answer.json, tmp_path)
    assert code == 0, report
    assert re.search(rf"Tested: {len(ROUTES)}$", report, re.MULTILINE), report
    [generated] = re.findall(r"(\d+) generated, \1 passed", report) or pytest.fail(report)
    assert int(generated) > 400


async def test_a_document_that_differs_from_the_service_is_noticed(guarded: Served, tmp_path: Path) -> None:
    openapi = document(ROUTES, Guards(token=True, host=True))
    parameters = openapi["paths"]["/api/v1/scorecards"]["get"]["parameters"]
    [view] = [parameter for parameter in parameters if parameter["name"] == "view"]
    view["schema"]["enum"] = ["as_was", "as_if"]
    code, report = await fuzz(guarded, openapi, tmp_path, "--include-path", "/api/v1/scorecards")
    assert code == 1, report
    assert "Schema-valid request rejected" in report
