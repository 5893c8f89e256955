"""The contract over the API: which schemas there are, and each of them."""

import json
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from streams.contract.files import DOCUMENTS, contract_text
from streams.parameters import Parameters

if TYPE_CHECKING:
    DocumentName = str
else:
    # The list is made from the catalogue of kinds, and a type checker cannot read it.
    DocumentName = Literal[DOCUMENTS]


class SchemaParameters(Parameters, frozen=True, kw_only=True):
    """Which document of the contract."""

    name: Annotated[DocumentName, Meta(description="`event` for any event, a kind, or `asyncapi` for the topics.")]


class SchemaRow(msgspec.Struct):
    """A document of the contract."""

    name: str
    id: str
    title: str
    description: str
    path: str


def schema_rows() -> list[dict[str, Any]]:
    """A row for each document."""
    return [_row(name) for name in DOCUMENTS]


@cache
def schema_document(name: str) -> dict[str, Any]:
    """A document, as JSON has it.

    Args:
        name: One of DOCUMENTS.
    """
    document: dict[str, Any] = json.loads(contract_text(name))
    return document


def _row(name: str) -> dict[str, Any]:
    document = schema_document(name)
    about = document.get("info", document)
    row = SchemaRow(
        name=name,
        id=document.get("$id") or document["id"],
        title=about["title"],
        description=about["description"],
        path=f"/api/v1/schemas/{name}",
    )
    return dict(msgspec.structs.asdict(row))
