"""`cxb schema` prints the contract as it is installed."""

import json

import pytest

from metrics.catalogue import ALL_KINDS
from streams.contract.files import contract_text
from tests.streams.cli.calling import cxb


def test_it_prints_the_schema_of_any_event() -> None:
    assert cxb("schema").stdout == contract_text("event")


@pytest.mark.parametrize("kind", [ALL_KINDS[0], ALL_KINDS[-1]])
def test_it_prints_the_schema_of_a_kind(kind: str) -> None:
    printed = cxb("schema", kind).stdout
    assert printed == contract_text(kind)
    assert json.loads(printed)["properties"]["kind"]["const"] == kind


@pytest.mark.parametrize("written", ["asyncapi", "typescript", "java"])
def test_it_prints_what_is_made_from_them(written: str) -> None:
    assert cxb("schema", "--format", written).stdout == contract_text(written)


@pytest.mark.parametrize("arguments", [("NPS",), ("nps", "--format", "java"), ("--format", "yaml")])
def test_what_there_is_not_is_a_wrong_usage_that_names_what_there_is(arguments: tuple[str, ...]) -> None:
    done = cxb("schema", *arguments)
    said = " ".join(done.stderr.split())
    assert done.exit_code == 2
    assert {"NPS": "repeat_purchase", "nps": "leave out nps", "--format": "json-schema"}[arguments[0]] in said
