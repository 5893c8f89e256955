"""Values that occur in several sections of a registry file: ids, patterns, names, shares, periods."""

import math
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Final

from metrics.ids import LONGEST_ID, LONGEST_LABEL, is_department_id, is_touchpoint_id
from metrics.registry.model import RESERVED_IDS, Code
from metrics.registry.names import OTHER
from metrics.registry.table import Table, first_of, shown, suggestion

SHARE_ROUNDING: Final = 1e-9
"""The greatest difference from 1 of shares that should add up to 1: decimals cannot write a third exactly."""
MOST_HINTED: Final = 100
"""So many errors of a file come with the name that may have been meant."""


def department_id(table: Table, example: str) -> str:
    """Reads the id of a department or team."""
    name = table.text("id", example)
    if name in RESERVED_IDS:
        table.report(
            Code.RESERVED_ID, "id", f"{name!r} is reserved: the figures use it themselves", "choose another id"
        )
    elif name and not is_department_id(name):
        remedy = "use lower-case letters, digits, '_' and '-' only"
        table.report(Code.BAD_ID, "id", f"{shown(name)} is not a department id", remedy)
    return name


def report_unknown_department(table: Table, key: str, name: str, departments: Collection[str]) -> None:
    """Reports a department that is not declared; "" has already been reported."""
    if not name or name in departments:
        return
    declared = _listed(frozenset(departments)) if departments else "none is declared"
    remedy = "add a [[department]] or correct the id"
    # It takes milliseconds to find the one that was meant among a thousand: too long for each of thousands of errors.
    if len(table.problems) < MOST_HINTED:
        hint = suggestion(name, sorted(departments))
        remedy = hint if hint.startswith("did") else remedy
    table.report(Code.UNKNOWN_DEPARTMENT, key, f"unknown department {shown(name)} ({declared})", remedy)


@lru_cache(maxsize=4)
def _listed(departments: frozenset[str]) -> str:
    return f"known: {first_of(sorted(departments))}"


def touchpoint_remedy(example: str) -> str:
    """The remedy for a text that is no touchpoint id or pattern."""
    return (
        f"write words of lower-case letters, digits, '_' and '-', separated by dots, like {example!r}, "
        f"at most {LONGEST_ID} characters"
    )


def pattern(table: Table) -> str:
    """Reads the touchpoint pattern of a table."""
    text = table.text("touchpoint", '"web.*"')
    report_bad_pattern(table, "touchpoint", text)
    return text


def report_bad_pattern(table: Table, key: str, text: str) -> None:
    """Reports a text that is neither an exact id, nor a prefix ending in ".*", nor "*"."""
    if text and text != "*" and not is_touchpoint_id(text.removesuffix(".*")):
        remedy = "write an exact id, a prefix that ends in '.*', or '*'; " + touchpoint_remedy("web.*")
        table.report(Code.BAD_ID, key, f"{shown(text)} is not a touchpoint pattern", remedy)


def names(table: Table) -> dict[str, str]:
    """Reads a name by language."""
    value, example = table.data.get("name"), '{ en = "Checkout", it = "Cassa" }'
    if value is None:
        table.missing("name", f"add name = {example}")
    elif not isinstance(value, dict):
        table.mistyped("name", "a table of languages", f"write name = {example}")
    elif not value or not all(isinstance(text, str) and text.strip() for text in value.values()):
        remedy = f"write at least one language, each with a text, like {example}"
        table.report(Code.BAD_VALUE, "name", f"{shown(value)} is not a name by language", remedy)
    else:
        return value
    return {}


def dimension(table: Table, key: str) -> str | None:
    """Reads a segment or region as events carry it; None if it is absent."""
    value = table.optional_text(key, '"smb"')
    if value == OTHER:
        message = f"{value!r} is reserved: names that the registry does not know count under it"
        table.report(Code.RESERVED_ID, key, message, "choose another label")
    if value and len(value) > LONGEST_LABEL:
        message = f"{shown(value)} has {len(value)} characters, so no event can match"
        table.report(Code.BAD_VALUE, key, message, f"use at most {LONGEST_LABEL}, as events do")
    return value


def shares_by_department(table: Table, key: str, departments: Collection[str], example: str) -> dict[str, float]:
    """Reads shares by department, each above 0 and below 1; any other is reported, and becomes nan."""
    value = table.data.get(key, {})
    if not isinstance(value, dict):
        table.mistyped(key, "a table of shares", f"write {key} = {example}")
        return {}
    result = {name: _share(table, f"{key}.{name}", part) for name, part in value.items()}
    for name in result:
        report_unknown_department(table, f"{key}.{name}", name, departments)
    return result


def _share(table: Table, key: str, value: object) -> float:
    share = table.as_number(key, value, "0.3")
    if share <= 0 or share >= 1:
        table.report(Code.BAD_SHARE, key, f"{share:g} is not between 0 and 1", "put a share like 0.3, or remove it")
        return math.nan
    return share


def texts(table: Table, key: str, example: str) -> tuple[str, ...]:
    """Reads an array of texts that are not blank; empty if the key is absent."""
    value = table.data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        table.mistyped(key, "an array of strings", f"write {key} = {example}")
        return ()
    if not all(text.strip() for text in value):
        table.report(Code.BAD_VALUE, key, "has an empty text", f"remove it, or fill it in, like {example}")
        return ()
    return tuple(value)


def validity(table: Table) -> tuple[datetime | None, datetime | None]:
    """Reads `from` (inclusive) and `to` (exclusive); None is unbounded."""
    valid_from, valid_to = table.instant("from"), table.instant("to")
    if valid_from and valid_to and valid_from >= valid_to:
        message = f"from {valid_from.isoformat()} is not before to {valid_to.isoformat()}"
        table.report(Code.EMPTY_PERIOD, "from", message, "put a later to (it is exclusive), or remove the entry")
    return valid_from, valid_to
