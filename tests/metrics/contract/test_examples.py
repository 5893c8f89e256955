"""The examples of schemas are those of the documents, and events of every version are accepted forever."""

import hashlib
import json
from pathlib import Path

import pytest

from metrics.catalogue import ALL_KINDS
from metrics.contract.examples import EXAMPLES
from metrics.contract.json_schema import CONTRACT_VERSION
from tests.documents import blocks
from tests.metrics.contract.judging import is_of_schema, rejection_of

CORPUS = Path(__file__).parent / "corpus"
FROZEN = {"v1": "a04eb1bfd79ab9540614ca672c740753e1714131ad46f1c5ffc93c0593110702"}
"""What the file of each version has, to the byte: an event that was published once is never taken out."""


def lines(version: str) -> list[bytes]:
    return (CORPUS / f"{version}.ndjson").read_bytes().splitlines()


def test_there_is_one_of_each_kind_and_the_documents_have_it() -> None:
    shown = [
        json.loads(line) for block in blocks("json") if block.label == "accepted" for line in block.text.splitlines()
    ]
    assert tuple(EXAMPLES) == ALL_KINDS
    assert [example for example in EXAMPLES.values() if example not in shown] == []


def test_every_version_has_its_events() -> None:
    assert list(FROZEN) == [f"v{number}" for number in range(1, CONTRACT_VERSION + 1)]
    assert {f"{version}.ndjson" for version in FROZEN} == {path.name for path in CORPUS.iterdir()}


@pytest.mark.parametrize("version", FROZEN)
def test_the_events_of_a_version_stay_as_they_are(version: str) -> None:
    assert hashlib.sha256((CORPUS / f"{version}.ndjson").read_bytes()).hexdigest() == FROZEN[version]


@pytest.mark.parametrize("version", FROZEN)
def test_events_of_every_version_still_decode_and_obey_their_schema(version: str) -> None:
    assert {json.loads(line)["kind"] for line in lines(version)} >= set(EXAMPLES) or version != "v1"
    for line in lines(version):
        assert rejection_of(line) is None, line
        assert is_of_schema(json.loads(line)), line
