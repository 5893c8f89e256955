"""The registry as rows: who owns what at an instant, and what another registry would change."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from metrics.governance.responsibility import Slice, lines_at
from metrics.registry import UNOWNED, Ownership, Registry, Target
from metrics.registry.attribution import by_facet
from streams.timestamps import from_epoch, rfc3339

Row = dict[str, Any]


def owners_at(registry: Registry, at_s: int) -> list[Row]:
    """A row for each declared touchpoint, facet and slice: what it is, owner, shares, who is consulted, sponsor."""
    touchpoints = {touchpoint.id: touchpoint for touchpoint in registry.touchpoints}
    rows, attribution_of = [], by_facet(registry)
    for line in lines_at(registry, at_s):
        touchpoint = touchpoints[line.touchpoint]
        rule = attribution_of(line.facet).rule(line.touchpoint, *line.slice, at_s)
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


def _shares(shares: Mapping[str, float]) -> str:
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return " ".join(f"{name} {share:.0%}" for name, share in ordered) if len(ordered) > 1 else ""


def differences(before: Registry, after: Registry, at_s: int) -> list[Row]:
    """A row for each thing that is not the same in another registry: `what` it is, `which` one, before and after.

    Owners are compared as they are at the instant (epoch seconds), and over time where a date makes a difference; so
    rules written otherwise that mean the same make none. Everything else is compared as it is declared.
    """
    rows = list(_compared("owner", _owners(before, at_s), _owners(after, at_s)))
    rows += _dated(before, after, at_s)
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


def _dated(before: Registry, after: Registry, at_s: int) -> Iterator[Row]:
    """The owners over time of touchpoints of both registries, where they are not the same and a date is why."""
    both = {item.id for item in before.touchpoints} & {item.id for item in after.touchpoints}
    lines = {
        (line.touchpoint, line.facet, line.slice): None
        for registry in (before, after)
        for line in lines_at(registry, at_s)
        if line.touchpoint in both
    }
    timelines = [_Timelines(registry) for registry in (before, after)]
    for touchpoint, facet, kept in lines:
        old, new = (of.owners(touchpoint, facet, kept) for of in timelines)
        # Who owns it at the instant has a row of its own.
        if _beside(old, at_s) != _beside(new, at_s):
            events = " ".join(part for part in kept if part) or "all others"
            which = " ".join(part for part in (touchpoint, facet, f"({events})") if part)
            yield {"what": "owner over time", "which": which, "before": _spelled(old), "after": _spelled(new)}


def _beside(owners: Sequence[tuple[int | None, str]], at_s: int) -> list[tuple[int | None, str]]:
    """The owners over time without the name of the one at an instant."""
    last = max(number for number, (start_s, _) in enumerate(owners) if start_s is None or start_s <= at_s)
    return [(start_s, "" if number == last else owner) for number, (start_s, owner) in enumerate(owners)]


class _Timelines:
    """Who owns what over time under one registry."""

    def __init__(self, registry: Registry) -> None:
        self._attribution_of = by_facet(registry)

    def owners(self, touchpoint: str, facet: str, kept: Slice) -> list[tuple[int | None, str]]:
        """Each owner, with the epoch second from when on; None: from the beginning."""
        attribution = self._attribution_of(facet)
        boundaries, _ = attribution.spans(touchpoint, *kept)
        owners: list[tuple[int | None, str]] = []
        for start_s in (None, *boundaries):
            owner = _named(attribution.rule(touchpoint, *kept, -1 if start_s is None else start_s))
            if not owners or owners[-1][1] != owner:
                owners.append((start_s, owner))
        return owners


def _named(rule: Ownership | None) -> str:
    if rule is None:
        return UNOWNED
    shares = " ".join(f"{name} {share:.0%}" for name, share in sorted(rule.contributors.items()))
    return f"{rule.owner} (with {shares})" if shares else rule.owner


def _spelled(owners: Iterable[tuple[int | None, str]]) -> str:
    return "; ".join(owner if start_s is None else f"{owner} from {_day(start_s)}" for start_s, owner in owners)


def _day(second: int) -> str:
    """A date where it is midnight in UTC, as in a registry."""
    return rfc3339(from_epoch(second)).removesuffix("T00:00:00Z")


def _by(items: Iterable[Any], key: str) -> dict[str, Any]:
    return {getattr(item, key): item for item in items}


def _targets(registry: Registry) -> dict[str, Any]:
    return {_named_target(target): target for target in registry.targets}


def _named_target(target: Target) -> str:
    since = "" if target.valid_from is None else f" from {_day(int(target.valid_from.timestamp()))}"
    return f"{target.metric} for {target.department or 'all departments'}{since}"


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
