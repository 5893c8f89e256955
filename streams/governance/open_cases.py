"""Open cases as a list: which, since when, and whose; ids of cases alone, never of persons."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from metrics.events.nearest import meant_touchpoint
from metrics.figures.balances import View
from metrics.governance.cases import OpenCase, chosen_cases
from metrics.registry import Registry
from streams.parameters import BadParameter
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import from_epoch, rfc3339
from streams.wording import duration


class OpenedCase(Row):
    """A case that is open; `source` is who reports it, the rest is of its first opening."""

    case_id: str
    source: str
    opened_where: str
    opened_for: str
    opened_region: str
    opened_at: datetime


_OPEN: Final = query(__package__, "open_cases", OpenedCase)


def open_cases(store: Store, compiled: CompiledRegistry, at: datetime, view: View = "as_was") -> list[OpenCase]:
    """The cases that are open at an instant (aware), oldest first.

    Args:
        store: The store.
        compiled: The registry.
        at: The instant.
        view: as_was: whose they were when they were opened; as_is: whose they are at the instant.
    """
    return [_case(row, compiled, at, view) for row in store.fetch(_OPEN, {"until": at.timestamp()})]


def _case(row: OpenedCase, compiled: CompiledRegistry, at: datetime, view: View) -> OpenCase:
    owned_s = int((row.opened_at if view == "as_was" else at).timestamp())
    names = compiled.attribution.names
    # What no rule names is alike to all rules: nothing is kept for each text that anybody sends.
    segment = row.opened_for if row.opened_for in names.segments else ""
    region = row.opened_region if row.opened_region in names.regions else ""
    owner = compiled.attribution.owner(row.opened_where, segment, region, "case_opened", owned_s)
    return OpenCase(row.case_id, row.source, owner, row.opened_where, int(row.opened_at.timestamp()))


def asked_for(
    cases: Sequence[OpenCase], registry: Registry, department: str | None, touchpoint: str | None
) -> list[OpenCase]:
    """The cases of a department and of a touchpoint, the oldest first; None is any.

    Raises:
        BadParameter: The registry declares no such touchpoint, and no open case was opened there.
    """
    declared = {of.id for of in registry.touchpoints}
    if touchpoint is not None and touchpoint not in declared | {case.touchpoint for case in cases}:
        near = meant_touchpoint(touchpoint, declared)
        hint = f": did you mean {near}?" if near else ""
        remedy = f"the registry declares no such touchpoint, and no open case was opened there{hint}"
        raise BadParameter("touchpoint", remedy)
    return chosen_cases(cases, department, touchpoint)


def case_rows(cases: list[OpenCase], at: datetime) -> list[dict[str, Any]]:
    """Open cases as JSON has them at an instant: `age_s` for programs, `age` for people."""
    at_s = int(at.timestamp())
    return [
        {
            "at": rfc3339(at),
            "case_id": case.case_id,
            "source": case.source,
            "department": case.department,
            "touchpoint": case.touchpoint,
            "opened_at": rfc3339(from_epoch(case.opened_s)),
            "age_s": case.age_s(at_s),
            "age": duration(case.age_s(at_s)),
        }
        for case in cases
    ]
