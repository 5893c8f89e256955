"""The sections of a registry file: each table becomes one typed value, and the ids that it names are checked."""

import math
from collections.abc import Collection, Mapping

from metrics.catalogue import FACETS, KINDS, METRICS
from metrics.ids import is_touchpoint_id
from metrics.registry import values
from metrics.registry.model import (
    CHANNELS,
    COMPANY,
    DEPARTMENT_KINDS,
    OFFICES,
    STAGES,
    Code,
    Department,
    Horizons,
    Ownership,
    Target,
    Touchpoint,
)
from metrics.registry.table import Table, shown, suggestion
from metrics.zones import UTC_NAME, known_zones, zone_of

_OWNERSHIP_KEYS = (
    "touchpoint", "facet", "segment", "region", "kind", "owner", "contributors", "consulted", "sponsor", "from", "to",
)  # fmt: skip


def horizons(table: Table) -> Horizons:
    """Reads [horizons]; an absent half-life has its default."""
    table.report_unknown_keys(("short", "long"))
    default = Horizons()
    return Horizons(table.half_life_s("short", default.short_s), table.half_life_s("long", default.long_s))


def timezone(table: Table) -> str:
    """Reads the company's time zone; an absent one is UTC, and so is one that is reported."""
    name = table.optional_text("timezone", '"Europe/Rome"')
    try:
        return zone_of(name or UTC_NAME).name
    except ValueError:
        remedy = suggestion(str(name), known_zones())
        hint = remedy if remedy.startswith("did") else 'write the name of the IANA database, like "Europe/Rome"'
        table.report(Code.BAD_TIMEZONE, "timezone", f"{shown(name)} is not a time zone", hint)
        return UTC_NAME


def department(table: Table) -> Department:
    """Reads a [[department]]."""
    table.report_unknown_keys(("id", "name", "office", "receiver", "kind"))
    return Department(
        id=values.department_id(table, '"marketing"'),
        name=table.text("name", '"Marketing"'),
        office=table.choice("office", OFFICES),
        receiver=table.optional_text("receiver", '"marketing-oncall"'),
        kind=table.optional_choice("kind", DEPARTMENT_KINDS) or "department",
    )


def touchpoint(table: Table) -> Touchpoint:
    """Reads a [[touchpoint]]."""
    table.report_unknown_keys(("id", "name", "stage", "channel"))
    name = table.text("id", '"web.checkout"')
    if name and not is_touchpoint_id(name):
        remedy = values.touchpoint_remedy("web.checkout")
        table.report(Code.BAD_ID, "id", f"{shown(name)} is not a touchpoint id", remedy)
    return Touchpoint(
        id=name,
        name=values.names(table),
        stage=table.choice("stage", STAGES),
        channel=table.choice("channel", CHANNELS),
    )


def ownership(table: Table, position: int, departments: Collection[str]) -> Ownership:
    """Reads an [[ownership]]; `position` counts from 0, `departments` holds the declared ids."""
    table.report_unknown_keys(_OWNERSHIP_KEYS)
    valid_from, valid_to = values.validity(table)
    owner = table.text("owner", '"marketing"')
    values.report_unknown_department(table, "owner", owner, departments)
    contributors = _contributors(table, owner, departments)
    return Ownership(
        touchpoint=values.pattern(table),
        segment=values.dimension(table, "segment"),
        region=values.dimension(table, "region"),
        kind=table.optional_choice("kind", KINDS, Code.UNKNOWN_KIND),
        owner=owner,
        contributors=contributors,
        valid_from=valid_from,
        valid_to=valid_to,
        position=position,
        line=table.line_of(""),
        facet=table.optional_choice("facet", FACETS),
        consulted=_consulted(table, owner, contributors, departments),
        sponsor=table.optional_text("sponsor", '"cmo"'),
    )


def target(table: Table, departments: Collection[str]) -> Target:
    """Reads a [[target]]; `departments` holds the declared ids."""
    table.report_unknown_keys(("metric", "department", "floor", "internal", "customer", "weight", "from", "to"))
    name = table.optional_text("department", '"marketing"')
    if name not in (None, COMPANY):
        values.report_unknown_department(table, "department", name, departments)
    floor, internal = table.number("floor", "0"), table.number("internal", "40")
    customer, weight = table.optional_number("customer", "55"), table.optional_number("weight", "2")
    for key, value in (("internal", internal), ("customer", customer)):
        if value is not None and value <= floor:
            remedy = "put a target above the floor: the floor is attainment 0, the target 100"
            table.report(Code.BAD_TARGET, key, f"{value:,.10g} is not above floor {floor:,.10g}", remedy)
    if weight is not None and weight < 0:
        table.report(Code.BAD_TARGET, "weight", f"{weight:g} is negative", "put 0 or more; 1 is the default")
    valid_from, valid_to = values.validity(table)
    return Target(
        metric=table.choice("metric", tuple(METRICS), Code.UNKNOWN_METRIC),
        department=name,
        floor=floor,
        internal=internal,
        customer=customer,
        weight=1.0 if weight is None else weight,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _contributors(table: Table, owner: str, departments: Collection[str]) -> dict[str, float]:
    shares = values.shares_by_department(table, "contributors", departments, "{ it = 0.3 }")
    if owner and owner in shares:
        remedy = "remove it: the owner keeps what the contributors leave"
        table.report(Code.OWNER_CONTRIBUTES, f"contributors.{owner}", f"{owner!r} is the owner itself", remedy)
    if math.fsum(shares.values()) >= 1:
        message = f"the shares add up to {math.fsum(shares.values()):g}, which leaves nothing for the owner"
        table.report(Code.BAD_SHARE, "contributors", message, "lower them until their sum is below 1")
    return shares


def _consulted(
    table: Table, owner: str, contributors: Mapping[str, float], departments: Collection[str]
) -> tuple[str, ...]:
    consulted = values.texts(table, "consulted", '["it"]')
    for name in consulted:
        values.report_unknown_department(table, "consulted", name, departments)
        if name == owner or name in contributors or consulted.count(name) > 1:
            remedy = "give each department one role in a rule: owner, contributor or consulted"
            table.report(Code.ROLE_TWICE, "consulted", f"{name!r} already has a role in this rule", remedy)
    return consulted
