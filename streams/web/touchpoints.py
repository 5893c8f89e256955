"""The map of ownership: each touchpoint with its owners at an instant, and who owned its events."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any, Final

from metrics.catalogue import KINDS
from metrics.durations import DEFAULT_PERIOD, MINUTE_S
from metrics.governance.periods import OwnedSlice, owned_slices
from metrics.registry import UNOWNED
from streams.drift import observations
from streams.figures.names import shown_of_cells
from streams.registry.file import CompiledRegistry
from streams.registry.views import owners_at
from streams.store.client import Store
from streams.timestamps import from_epoch, rfc3339

DECLARED: Final = ("stage", "channel", "shares", "consulted", "sponsor")


def rows(store: Store, compiled: CompiledRegistry, at: datetime) -> list[dict[str, Any]]:
    """A row for each touchpoint that is declared, or that had events in the 90 days before an instant.

    Returns:
        Ordered by id: `touchpoint`, of unknown ones the most frequent and one for the rest; `name` by language;
        `declared`; `stage`, `channel`, `shares`, `consulted` and `sponsor` as declared, "" where nothing is; `owners`
        at the instant; `events`, of which `unowned` when they occurred; `by_owner`, events by owner at the time;
        `slices`, the events that its rules tell apart, each with its owners over time.
    """
    at_s = int(at.timestamp())
    owners: defaultdict[str, set[str]] = defaultdict(set)
    events: defaultdict[str, Counter[str]] = defaultdict(Counter)
    combinations: Counter[tuple[str, str, str, str]] = Counter()
    since_s = max(0, int((at - DEFAULT_PERIOD).timestamp()) // MINUTE_S * MINUTE_S)
    names = shown_of_cells(store, compiled.names, since_s, at_s + 1)
    for item in observations.owned_tallies(store, compiled.attribution, names, KINDS, since_s, at_s + 1):
        events[item.combination.touchpoint][item.owner] += item.tally.n
        combinations[item.combination] += item.tally.n
        owners[item.combination.touchpoint].add(compiled.attribution.owner(*item.combination, at_s))
    declared: dict[str, dict[str, Any]] = {}
    for line in owners_at(compiled.registry, at_s):
        declared.setdefault(line["touchpoint"], line)
        owners[line["touchpoint"]].add(_owner_of_events(compiled, line, at_s))
    slices = owned_slices(compiled.registry, at_s, combinations)
    translations = {touchpoint.id: dict(touchpoint.name) for touchpoint in compiled.registry.touchpoints}
    return [
        {
            "touchpoint": touchpoint,
            "name": translations.get(touchpoint, {}),
            "declared": touchpoint in declared,
            **{name: declared.get(touchpoint, {}).get(name, "") for name in DECLARED},
            "owners": sorted(owners[touchpoint]),
            "events": events[touchpoint].total(),
            "unowned": events[touchpoint][UNOWNED],
            "by_owner": dict(sorted(events[touchpoint].items())),
            "slices": [_slice(part, at_s) for part in slices.get(touchpoint, ())],
        }
        for touchpoint in sorted(owners)
    ]


def _slice(part: OwnedSlice, at_s: int) -> dict[str, Any]:
    line, period = part.line, part.at(at_s)
    return {
        **dict(zip(("segment", "region", "kind"), line.slice, strict=True)),
        "facet": line.facet,
        "owner": period.owner,
        "accountable": list(line.accountable),
        "shares": dict(period.shares),
        "events": line.events,
        "periods": [
            {"from": _instant(one.start_s), "to": _instant(one.end_s), "owner": one.owner, "shares": dict(one.shares)}
            for one in part.periods
        ],
    }


def _instant(second: int | None) -> str | None:
    return None if second is None else rfc3339(from_epoch(second))


def _owner_of_events(compiled: CompiledRegistry, line: dict[str, Any], at_s: int) -> str:
    # Whoever answers for a facet alone has none of the events.
    if line["facet"]:
        return compiled.attribution.owner(line["touchpoint"], "", "", "contact", at_s)
    return str(line["owner"])
