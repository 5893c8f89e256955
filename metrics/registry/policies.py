"""The sections of a registry file about policies, teams, programmes, segments and spend."""

import math
from collections.abc import Collection

from metrics.catalogue import METRICS
from metrics.registry import values
from metrics.registry.model import (
    OFFICES,
    POLICIES,
    Code,
    Department,
    Programme,
    Segment,
    SpendCategories,
    TouchpointPolicy,
)
from metrics.registry.table import Table, shown


def team(table: Table, departments: Collection[str]) -> Department:
    """Reads a [[team]]: it can own touchpoints like a department; `departments` holds the ids of possible members."""
    table.report_unknown_keys(("id", "name", "office", "receiver", "members"))
    example = "{ it = 0.5, marketing = 0.5 }"
    members = values.shares_by_department(table, "members", departments, example)
    if "members" not in table.data:
        table.missing("members", f"add members = {example}")
    elif isinstance(table.data["members"], dict) and abs(math.fsum(members.values()) - 1) > values.SHARE_ROUNDING:
        message = f"the shares add up to {math.fsum(members.values()):g}"
        table.report(Code.BAD_MEMBERS, "members", message, "make them add up to 1: the members do all of a team's work")
    return Department(
        id=values.department_id(table, '"digital"'),
        name=table.text("name", '"Digital team"'),
        office=table.choice("office", OFFICES),
        receiver=table.optional_text("receiver", '"digital-oncall"'),
        kind="team",
        members=members,
    )


def touchpoint_policy(table: Table) -> TouchpointPolicy:
    """Reads a [[touchpoint_policy]]."""
    table.report_unknown_keys(("touchpoint", "policy", "max_effective_owners"))
    return TouchpointPolicy(values.pattern(table), table.choice("policy", POLICIES), limit(table))


def limit(table: Table) -> float | None:
    """Reads max_effective_owners, at least 1; None if it is absent or was reported."""
    value = table.optional_number("max_effective_owners", "2.5")
    if value is not None and value < 1:
        remedy = "put 1 or more: 1 is one owner who does all the work"
        table.report(Code.BAD_LIMIT, "max_effective_owners", f"{value:g} is below 1", remedy)
    return value


def programme(table: Table, departments: Collection[str]) -> Programme:
    """Reads a [[program]]; `departments` holds the declared ids."""
    table.report_unknown_keys(("name", "owner", "touchpoints", "metric", "target", "from", "to"))
    owner, example = table.text("owner", '"marketing"'), '["web.*"]'
    values.report_unknown_department(table, "owner", owner, departments)
    touchpoints = values.texts(table, "touchpoints", example)
    if not touchpoints and not table.data.get("touchpoints"):
        table.missing("touchpoints", f"add touchpoints = {example}")
    for pattern in touchpoints:
        values.report_bad_pattern(table, "touchpoints", pattern)
    valid_from, valid_to = values.validity(table)
    return Programme(
        name=table.text("name", '"Fewer steps to pay"'),
        owner=owner,
        touchpoints=touchpoints,
        metric=table.choice("metric", tuple(METRICS), Code.UNKNOWN_METRIC),
        target=table.number("target", "45"),
        valid_from=valid_from,
        valid_to=valid_to,
    )


def segment(table: Table) -> Segment:
    """Reads a [[segment]]."""
    table.report_unknown_keys(("id", "name"))
    if "id" not in table.data:
        table.missing("id", 'add id = "smb"')
    return Segment(values.dimension(table, "id") or "", values.names(table))


def spend(table: Table) -> SpendCategories:
    """Reads [spend]: a category is either declared spend on the experience or hidden spend on it."""
    table.report_unknown_keys(("declared", "hidden"))
    declared, hidden = values.texts(table, "declared", '["surveys"]'), values.texts(table, "hidden", '["rework"]')
    for name in declared:
        if name in hidden:
            message = f"{shown(name)} is already in declared"
            table.report(Code.BAD_VALUE, "hidden", message, "leave each category in one of the two")
    return SpendCategories(declared, hidden)
