"""The sections of a registry file: each table becomes one typed value, checked against what it names."""

import math
import re
from collections.abc import Collection

from metrics.catalogue import KINDS, METRICS
from metrics.registry_toml import Table, shown, suggestion
from metrics.registry_types import RESERVED_IDS, Code, Department, Horizons, Ownership, Target, Touchpoint

POLICIES = ("single", "shared", "team")
OFFICES = ("front", "back")
STAGES = ("before", "during", "after")
CHANNELS = ("online", "offline")

_DEPARTMENT_ID = re.compile(r"[a-z0-9_-]+")
_TOUCHPOINT_ID = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_LONGEST_TOUCHPOINT = 128
_LONGEST_DIMENSION = 64


def horizons(table: Table) -> Horizons:
    """Reads [horizons]; a half-life that is absent takes its default."""
    table.refuse_unknown_keys(("short", "long"))
    default = Horizons()
    return Horizons(table.half_life_s("short", default.short_s), table.half_life_s("long", default.long_s))


def department(table: Table) -> Department:
    """Reads a [[department]]."""
    table.refuse_unknown_keys(("id", "name", "office", "receiver"))
    name = table.text("id", '"marketing"')
    if name in RESERVED_IDS:
        table.report(Code.RESERVED_ID, "id", f"{name!r} is a name that the figures use themselves", "choose another id")
    elif name and not _DEPARTMENT_ID.fullmatch(name):
        remedy = "use lower-case letters, digits, '_' and '-' only"
        table.report(Code.BAD_ID, "id", f"{shown(name)} is not a department id", remedy)
    return Department(
        id=name,
        name=table.text("name", '"Marketing"'),
        office=table.choice("office", OFFICES),
        receiver=table.optional_text("receiver", '"marketing-oncall"'),
    )


def touchpoint(table: Table) -> Touchpoint:
    """Reads a [[touchpoint]]."""
    table.refuse_unknown_keys(("id", "name", "stage", "channel"))
    name = table.text("id", '"web.checkout"')
    if name and not _is_touchpoint_id(name):
        table.report(Code.BAD_ID, "id", f"{shown(name)} is not a touchpoint id", _touchpoint_remedy("web.checkout"))
    return Touchpoint(
        id=name,
        name=_names(table),
        stage=table.choice("stage", STAGES),
        channel=table.choice("channel", CHANNELS),
    )


def ownership(table: Table, position: int, departments: Collection[str]) -> Ownership:
    """Reads an [[ownership]]; `position` counts from 0, `departments` holds the declared ids."""
    keys = ("touchpoint", "segment", "region", "kind", "owner", "contributors", "from", "to")
    table.refuse_unknown_keys(keys)
    valid_from, valid_to = table.instant("from"), table.instant("to")
    if valid_from and valid_to and valid_from >= valid_to:
        message = f"from {valid_from.isoformat()} is not before to {valid_to.isoformat()}"
        table.report(Code.EMPTY_PERIOD, "from", message, "put a later to, which is exclusive, or remove the rule")
    owner = table.text("owner", '"marketing"')
    _refuse_unknown_department(table, "owner", owner, departments)
    return Ownership(
        touchpoint=_pattern(table),
        segment=_dimension(table, "segment"),
        region=_dimension(table, "region"),
        kind=table.optional_choice("kind", KINDS, Code.UNKNOWN_KIND),
        owner=owner,
        contributors=_contributors(table, owner, departments),
        valid_from=valid_from,
        valid_to=valid_to,
        position=position,
        line=table.line_of(""),
    )


def target(table: Table, departments: Collection[str]) -> Target:
    """Reads a [[target]]; `departments` holds the declared ids."""
    table.refuse_unknown_keys(("metric", "department", "floor", "internal", "customer", "weight"))
    name = table.optional_text("department", '"marketing"')
    if name is not None:
        _refuse_unknown_department(table, "department", name, departments)
    floor, internal = table.number("floor", "0"), table.number("internal", "40")
    customer, weight = table.optional_number("customer", "55"), table.optional_number("weight", "2")
    for key, value in (("internal", internal), ("customer", customer)):
        if value is not None and value <= floor:
            remedy = "put a target above the floor: the floor is attainment 0, the target 100"
            table.report(Code.BAD_TARGET, key, f"{value:g} is not above floor {floor:g}", remedy)
    if weight is not None and weight < 0:
        table.report(Code.BAD_TARGET, "weight", f"{weight:g} is negative", "put 0 or more; 1 is the default")
    return Target(
        metric=table.choice("metric", tuple(METRICS), Code.UNKNOWN_METRIC),
        department=name,
        floor=floor,
        internal=internal,
        customer=customer,
        weight=1.0 if weight is None else weight,
    )


def _is_touchpoint_id(text: str) -> bool:
    return len(text) <= _LONGEST_TOUCHPOINT and _TOUCHPOINT_ID.fullmatch(text) is not None


def _touchpoint_remedy(example: str) -> str:
    return (
        f"write words of lower-case letters, digits, '_' and '-' with dots between, like {example!r}, "
        f"{_LONGEST_TOUCHPOINT} characters at most"
    )


def _names(table: Table) -> dict[str, str]:
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


def _pattern(table: Table) -> str:
    pattern = table.text("touchpoint", '"web.*"')
    if pattern and pattern != "*" and not _is_touchpoint_id(pattern.removesuffix(".*")):
        remedy = "write an exact id, a prefix that ends in '.*', or '*'; " + _touchpoint_remedy("web.*")
        table.report(Code.BAD_ID, "touchpoint", f"{shown(pattern)} is not a touchpoint pattern", remedy)
    return pattern


def _dimension(table: Table, key: str) -> str | None:
    value = table.optional_text(key, '"smb"')
    if value and len(value) > _LONGEST_DIMENSION:
        message = f"{shown(value)} has {len(value)} characters, so no event can match"
        table.report(Code.BAD_VALUE, key, message, f"use {_LONGEST_DIMENSION} at most, as events do")
    return value


def _contributors(table: Table, owner: str, departments: Collection[str]) -> dict[str, float]:
    value, example = table.data.get("contributors", {}), "{ it = 0.3 }"
    if not isinstance(value, dict):
        table.mistyped("contributors", "a table of shares", f"write contributors = {example}")
        return {}
    shares = {name: _share(table, f"contributors.{name}", share) for name, share in value.items()}
    for name in shares:
        _refuse_unknown_department(table, f"contributors.{name}", name, departments)
    if owner and owner in shares:
        remedy = "remove it: the owner holds what the contributors leave"
        table.report(Code.OWNER_CONTRIBUTES, f"contributors.{owner}", f"{owner!r} is the owner itself", remedy)
    if math.fsum(shares.values()) >= 1:
        message = f"the shares add up to {math.fsum(shares.values()):g}, which leaves nothing for the owner"
        table.report(Code.BAD_SHARE, "contributors", message, "lower them until their sum is below 1")
    return shares


def _share(table: Table, key: str, value: object) -> float:
    share = table.as_number(key, value, "0.3")
    if share <= 0 or share >= 1:
        table.report(Code.BAD_SHARE, key, f"{share:g} is not between 0 and 1", "put a share like 0.3, or remove it")
        return math.nan
    return share


def _refuse_unknown_department(table: Table, key: str, name: str, departments: Collection[str]) -> None:
    if not name or name in departments:
        return
    known = f"known: {', '.join(sorted(departments))}" if departments else "none is declared"
    hint = suggestion(name, sorted(departments))
    remedy = hint if hint.startswith("did") else "add a [[department]] or correct the id"
    table.report(Code.UNKNOWN_DEPARTMENT, key, f"unknown department {shown(name)} ({known})", remedy)
