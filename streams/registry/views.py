"""The registry as rows: who owns what at an instant, and what another registry would change."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from metrics.governance.lines import Line
from metrics.governance.responsibility import lines_at
from metrics.registry import UNOWNED, Ownership, Registry
from metrics.registry.attribution import Attribution
from streams.timestamps import rfc3339

Row = dict[str, Any]


def owners_at(registry: Registry, at_s: int) -> list[Row]:
    """A row for each declared touchpoint, facet and slice: what it is, owner, shares, who is consulted, sponsor."""
    touchpoints = {touchpoint.id: touchpoint for touchpoint in registry.touchpoints}
    rows = []
    for line in lines_at(registry, at_s):
        touchpoint, rule = touchpoints[line.touchpoint], _rule(registry, line, at_s)
        rows.append(
            {
                "touchpoint": touchpoint.id,
                "name": touchpoint.name.get("en") or next(iter(touchpoint.name.values())),
                "stage": touchpoint.stage,
                "channel": touchpoint.channel,
                "facet": line.facet,
                "events": " ".join(part for part in line.slice if part) or "all others",
                "owner": " and ".join(line.accountable) or UNOWNED,
                "shares": _shares(line.shares),
                "consulted": " ".join(rule.consulted) if rule else "",
                "sponsor": (rule.sponsor if rule else None) or registry.sponsor or "",
            }
        )
    return rows


def _rule(registry: Registry, line: Line, at_s: int) -> Ownership | None:
    return Attribution(registry, facet=line.facet or None).rule(line.touchpoint, *line.slice, at_s)


def _shares(shares: Mapping[str, float]) -> str:
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return " ".join(f"{name} {share:.0%}" for name, share in ordered) if len(ordered) > 1 else ""


def differences(before: Registry, after: Registry, at_s: int) -> list[Row]:
    """A row for each thing that is not the same in another registry: `what` it is, `which` one, before and after.

    Owners are compared as they are at the instant (epoch seconds), so that rules written otherwise that mean the same
    make no difference; everything else as it is declared.
    """
    rows = list(_compared("owner", _owners(before, at_s), _owners(after, at_s)))
    for name in ("policy", "sponsor", "max_effective_owners", "timezone", "horizons", "spend"):
        rows += _compared(name, {"": getattr(before, name)}, {"": getattr(after, name)})
    for what, section, key in (
        ("department", "departments", "id"),
        ("touchpoint", "touchpoints", "id"),
        ("policy", "policies", "touchpoint"),
        ("program", "programmes", "name"),
        ("segment", "segments", "id"),
    ):
        rows += _compared(what, _by(getattr(before, section), key), _by(getattr(after, section), key))
    return rows + list(_compared("target", _targets(before), _targets(after)))


def _owners(registry: Registry, at_s: int) -> dict[str, str]:
    return {
        " ".join(part for part in (row["touchpoint"], row["facet"], f"({row['events']})") if part): (
            f"{row['owner']} ({row['shares']})" if row["shares"] else row["owner"]
        )
        for row in owners_at(registry, at_s)
    }


def _by(items: Iterable[Any], key: str) -> dict[str, Any]:
    return {getattr(item, key): item for item in items}


def _targets(registry: Registry) -> dict[str, Any]:
    return {f"{target.metric} for {target.department or 'all departments'}": target for target in registry.targets}


def _compared(what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Row]:
    for which in dict.fromkeys((*before, *after)):
        old, new = before.get(which), after.get(which)
        if old != new:
            yield {"what": what, "which": which, "before": _shown(old), "after": _shown(new)}


def _shown(value: object) -> str:
    """A value in words: the fields of a record that are set, without the id, which has a column of its own."""
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is None:
        return "" if value is None else rfc3339(value) if isinstance(value, datetime) else str(value)
    values = {name: getattr(value, name) for name in fields if name not in ("id", "touchpoint")}
    return ", ".join(f"{name} {_shown(field)}" for name, field in values.items() if field not in (None, "", (), {}))
