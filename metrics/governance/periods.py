"""Who owned each slice of a touchpoint over time: the periods of the registry's rules, with who shares the work."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from metrics.governance.lines import Line
from metrics.governance.responsibility import Division, lines_at
from metrics.registry import UNOWNED, Ownership, Registry
from metrics.registry.attribution import Attribution, by_facet

_FIRST_S: Final = -(1 << 61)  # before every date that TOML can write


@dataclass(frozen=True, slots=True)
class OwnershipPeriod:
    """A stretch of time with one owner and one division of the work.

    Attributes:
        start_s: Its begin, inclusive, epoch seconds; None: from the beginning.
        end_s: Its end, exclusive; None: indefinitely.
        owner: Who owns the events then, or UNOWNED.
        shares: The departments' shares of the work, in sum 1; empty where nobody owns.
    """

    start_s: int | None
    end_s: int | None
    owner: str
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class OwnedSlice:
    """A slice of a touchpoint: who answers for it at an instant, and its periods from the oldest to the newest."""

    line: Line
    periods: tuple[OwnershipPeriod, ...]

    def at(self, at_s: int) -> OwnershipPeriod:
        """The period in which an epoch second lies."""
        return next(period for period in reversed(self.periods) if period.start_s is None or period.start_s <= at_s)


def owned_slices(
    registry: Registry, at_s: int, events: Mapping[tuple[str, str, str, str], int]
) -> dict[str, list[OwnedSlice]]:
    """The slices of each touchpoint that is declared or has events, by its id.

    Args:
        registry: The company's registry.
        at_s: The instant at which somebody is accountable, epoch seconds.
        events: The number of events by touchpoint, segment, region and kind.
    """
    attribution_of, division = by_facet(registry), Division(registry)
    slices: dict[str, list[OwnedSlice]] = {}
    for line in lines_at(registry, at_s, events):
        periods = _periods(division, attribution_of(line.facet), line)
        slices.setdefault(line.touchpoint, []).append(OwnedSlice(line, periods))
    return slices


def _periods(division: Division, attribution: Attribution, line: Line) -> tuple[OwnershipPeriod, ...]:
    boundaries, _ = attribution.spans(line.touchpoint, *line.slice)
    policy = division.policy(line.touchpoint).name
    found: list[OwnershipPeriod] = []
    for start_s, end_s in pairwise((None, *boundaries, None)):
        rule = attribution.rule(line.touchpoint, *line.slice, _FIRST_S if start_s is None else start_s)
        period = _period(division, rule, policy, start_s, end_s)
        if found and (found[-1].owner, found[-1].shares) == (period.owner, period.shares):
            period = OwnershipPeriod(found.pop().start_s, end_s, period.owner, period.shares)
        found.append(period)
    return tuple(found)


def _period(
    division: Division, rule: Ownership | None, policy: str, start_s: int | None, end_s: int | None
) -> OwnershipPeriod:
    if rule is None:
        return OwnershipPeriod(start_s, end_s, UNOWNED, {})
    return OwnershipPeriod(start_s, end_s, rule.owner, division.shares(rule, policy))
