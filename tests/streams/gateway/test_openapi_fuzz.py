"""A running gateway is asked for what its OpenAPI document allows and forbids, and each answer is compared with it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from streams.gateway.openapi import gateway_document
from streams.gateway.token_file import add_token
from streams.settings.settings import HttpSettings
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.fuzz import fuzz
from tests.streams.gateway.conftest import Served, running, settings_of_gateway
from tests.streams.gateway.fuzzing import SOURCE, WEBHOOK

pytestmark = pytest.mark.kafka

SOURCES = f"""
[[source]]
name = "{WEBHOOK}"
like = "segment"
http = "/v1/sources/{WEBHOOK}"
[source.fields]
touchpoint = "web.site"
source = "{SOURCE}"
"""


@pytest.fixture
async def guarded(kafka: KafkaBroker, kafka_topic: TopicFactory, tmp_path: Path) -> AsyncIterator[tuple[Served, str]]:
    """A gateway with a publisher and a webhook, and the token that both the publisher and metrics take."""
    (tmp_path / "sources.toml").write_text(SOURCES)
    token = add_token(tmp_path / "publishers.toml", "shop", SOURCE, ("*",))
    settings = settings_of_gateway(
        kafka.bootstrap, kafka_topic(1), tmp_path / "sources.toml",
        publishers=tmp_path / "publishers.toml", events_per_s=1e9,
    ).model_copy(update={"http": HttpSettings(token=SecretStr(token))})  # fmt: skip
    async with running(settings) as served:
        yield served, token


async def fuzz_gateway(
    guarded: tuple[Served, str], openapi: dict[str, Any], directory: Path, examples: int, *options: str
) -> tuple[int, str]:
    """The exit code and the report of schemathesis."""
    served, token = guarded
    return await fuzz(served.url, token, openapi, directory, "tests.streams.gateway.fuzzing", examples, *options)


EVENTS_ALONE = ("--phases", "examples,coverage,fuzzing", "--include-path", "/v1/events")
"""A webhook also takes what is no JSON, and names it as unfit, which schemathesis calls a fault."""


@pytest.mark.parametrize(
    ("options", "tested", "least"),
    [
        (("--phases", "examples,fuzzing"), len(gateway_document()["paths"]), 50),
        pytest.param(EVENTS_ALONE, 1, 1000, marks=pytest.mark.long),
    ],
)
async def test_the_gateway_does_what_its_document_says(
    guarded: tuple[Served, str], tmp_path: Path, options: tuple[str, ...], tested: int, least: int
) -> None:
    openapi = (await guarded[0].get("/v1/openapi.json")).body
    code, report = await fuzz_gateway(guarded, openapi, tmp_path, 10, *options)
    assert code == 0, report
    assert re.search(rf"Tested: {tested}$", report, re.MULTILINE), report
    [generated] = re.findall(r"(\d+) generated, \1 passed", report) or pytest.fail(report)
    assert int(generated) > least
    assert guarded[0].gateway._door.budget.taken == 0
    assert await guarded[0].landed()


async def test_a_document_that_differs_from_the_gateway_is_noticed(guarded: tuple[Served, str], tmp_path: Path) -> None:
    openapi = gateway_document()
    schemas = openapi["components"]["schemas"]
    schemas["CsatEvent"]["properties"]["score"] |= {"minimum": 6, "maximum": 10}
    schemas["Event"]["oneOf"] = [{"$ref": "#/components/schemas/CsatEvent"}]
    options = ("--include-path", "/v1/events", "--phases", "fuzzing")
    code, report = await fuzz_gateway(guarded, openapi, tmp_path, 10, *options)
    assert code == 1, report
    assert "Schema-valid request rejected" in report
