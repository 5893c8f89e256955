"""Schemas and documents describe kinds and fields in the same words."""

import re

import pytest

from metrics.catalogue import ALL_KINDS
from metrics.contract.descriptions import FIELD_RULES, KIND_MEANINGS, OWN_FIELDS
from metrics.events.event import Event
from metrics.events.governance_fields import FIELDS
from tests.documents import PROJECT


def rows(name: str) -> list[list[str]]:
    """The cells of each row of a document's tables, links as their text."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", (PROJECT / "docs" / name).read_text())
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]


EVENT, GOVERNANCE = rows("event.md"), rows("governance.md")


def test_every_kind_and_field_is_described_and_nothing_else() -> None:
    assert tuple(KIND_MEANINGS) == ALL_KINDS
    assert tuple(FIELD_RULES) == Event.__struct_fields__
    assert set(OWN_FIELDS) == {name for fields in FIELDS.values() for name in fields}


@pytest.mark.parametrize("name", FIELD_RULES)
def test_the_table_of_fields_has_the_rule_of_each(name: str) -> None:
    assert FIELD_RULES[name] in [row[2] for row in EVENT if f"`{name}`" in row[0]]


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_tables_of_kinds_have_the_meaning_of_each(kind: str) -> None:
    found = [row[2] for row in (*EVENT, *GOVERNANCE) if len(row) == 3 and f"`{kind}`" in row[:2]]
    assert [meaning for meaning in found if meaning.partition(": response rates")[0] == KIND_MEANINGS[kind]]


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, fields in FIELDS.items() for name in fields])
def test_the_tables_of_own_fields_have_what_each_holds(kind: str, name: str) -> None:
    [fields] = [row[1] for row in (*EVENT, *GOVERNANCE) if row[0] == f"`{kind}`" and row[2] == KIND_MEANINGS[kind]]
    optional = "" if FIELDS[kind][name].required else ", optional"
    assert f"`{name}`{optional}: {OWN_FIELDS[name]}" in fields
