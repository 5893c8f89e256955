"""The gateway's document: valid, complete, and as the guide has it; its schema of an event and the decoder agree."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from metrics.catalogue import ALL_KINDS
from metrics.contract.json_schema import documents
from metrics.events.carried import MEDIA_TYPES
from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from streams.gateway.openapi import DOOR_ANSWERS, gateway_document
from streams.gateway.server import EVENTS
from streams.gateway.telemetry import ANSWERED_WITH
from tests.documents import PROJECT
from tests.metrics.events_near import GOOD, STAMP_MS
from tests.streams.gateway.conftest import Serve

GUIDE = (PROJECT / "docs" / "gateway.md").read_text()
DOCUMENT = gateway_document()


def test_it_is_valid_by_the_specification_and_the_validator_would_notice() -> None:
    OpenAPIV31SpecValidator(gateway_document()).validate()
    broken = gateway_document()
    broken["paths"]["/healthz"]["get"]["parameters"] = [{"name": "x", "in": "nowhere"}]
    assert not OpenAPIV31SpecValidator(broken).is_valid()


@pytest.mark.kafka
async def test_every_route_is_in_it_and_in_the_guide(serve_gateway: Serve) -> None:
    async with serve_gateway() as gateway:
        served = {(route.method, route.path) for route in gateway.gateway._api.routes() if route.method != "OPTIONS"}
    documented = {(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item}
    assert documented == served
    assert [path for _, path in served if path.replace("{name}", "NAME") not in GUIDE] == []


def test_every_answer_and_every_type_is_in_it_in_the_guide_and_in_the_series() -> None:
    operation = DOCUMENT["paths"][EVENTS]["post"]
    rows = re.findall(r"^\| (\d{3}) \|", GUIDE, re.MULTILINE)
    assert sorted(operation["responses"]) == rows == [*ANSWERED_WITH] == [str(status) for status in DOOR_ANSWERS]
    assert sorted(operation["requestBody"]["content"]) == sorted(MEDIA_TYPES)
    assert [media_type for media_type in MEDIA_TYPES if f"`{media_type}`" not in GUIDE] == []


def _of_event() -> Draft202012Validator:
    schema = {"$ref": "#/components/schemas/Event", "components": DOCUMENT["components"]}
    return Draft202012Validator(json.loads(json.dumps(schema)))


KINDS: list[dict[str, Any]] = [
    {**GOOD},
    {**{name: value for name, value in GOOD.items() if name != "score"}, "kind": "visit", "count": 3},
    {
        **{name: value for name, value in GOOD.items() if name != "score"},
        "kind": "conversion", "amount": "12.50", "currency": "EUR",
    },
    {**{name: value for name, value in GOOD.items() if name != "score"}, "kind": "case_opened", "case_id": "7"},
    {"event_id": "n", "source": "s", "kind": "note", "occurred_at": GOOD["occurred_at"], "text": "x"},
]  # fmt: skip


@given(
    st.sampled_from(KINDS), st.dictionaries(st.sampled_from(sorted(GOOD)), st.none() | st.integers(0, 9), max_size=1)
)
def test_what_the_decoder_accepts_the_schema_accepts(event: dict[str, Any], changes: dict[str, Any]) -> None:
    changed = event | changes
    run = decode_run([json.dumps(changed).encode()], [STAMP_MS], RecordLimits())
    assert not run.events or _of_event().is_valid(changed)
    assert changes or run.events, run.rejected


def test_an_event_is_what_the_contract_says_kind_by_kind() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    refs = schemas["Event"]["discriminator"]["mapping"]
    assert list(refs) == list(ALL_KINDS)
    assert [{"$ref": ref} for ref in refs.values()] == schemas["Event"]["oneOf"]
    for kind, ref in refs.items():
        in_contract = {name: part for name, part in documents()[kind].items() if name not in ("$schema", "$id")}
        assert schemas[ref.rpartition("/")[2]] == in_contract


def test_the_schema_rejects_what_is_no_event() -> None:
    more = ({**GOOD, "score": 11}, {**GOOD, "count": 2}, {**GOOD, "segment": "a\nb"}, {**GOOD, "touchpoint": "Web"})
    for wrong in (*more, {}, {**GOOD, "kind": "likes"}, {**GOOD, "source": ""}, {**GOOD, "score": "4"}, [GOOD]):
        assert not _of_event().is_valid(wrong)
