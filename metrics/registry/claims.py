"""Rules of ownership ready for comparison, and who wins when among those that match the same events."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from heapq import heappop, heappush
from typing import Final, NamedTuple

from metrics.registry.model import UNOWNED, Ownership

WITHOUT_END: Final = 1 << 62
"""Seconds: beyond every date that TOML can write."""


def epoch_s(instant: datetime) -> int:
    """Returns the epoch second of an aware instant on a whole second.

    >>> from datetime import UTC
    >>> epoch_s(datetime(1970, 1, 2, tzinfo=UTC))
    86400
    """
    return int(instant.timestamp())


class CompiledRule(NamedTuple):
    """A rule ready for comparison: of two that match, the one with the greater `rank`, then `position`, wins.

    `rank` is (how specific the pattern is, number of filters, `from`); two claims of one rank are a conflict. The rule
    is in force from `start_s` (inclusive) to `end_s` (exclusive), epoch seconds.
    """

    rank: tuple[int, int, int]
    position: int
    start_s: int
    end_s: int
    rule: Ownership

    def matches(self, segment: str, region: str, kind: str) -> bool:
        """Returns whether an event passes the rule's filters."""
        rule = self.rule
        return rule.segment in (None, segment) and rule.region in (None, region) and rule.kind in (None, kind)


class Winners(NamedTuple):
    """The winner between boundaries (epoch seconds): one more entry in each tuple than there are boundaries."""

    boundaries: tuple[int, ...]
    owners: tuple[str, ...]
    rules: tuple[Ownership | None, ...]
    conflicts: tuple[bool, ...]


def patterns_of(touchpoint: str) -> list[str]:
    """Returns every pattern that matches a touchpoint, the most specific first.

    >>> patterns_of("web.shop.cart")
    ['web.shop.cart', 'web.shop.*', 'web.*', '*']
    """
    words = touchpoint.split(".")
    return [touchpoint, *(".".join((*words[:n], "*")) for n in range(len(words) - 1, 0, -1)), "*"]


def rules_by_pattern(rules: Iterable[Ownership]) -> Mapping[str, Sequence[Ownership]]:
    """Rules by their pattern, each pattern's in their order: of many, those of one touchpoint are found at once."""
    found: defaultdict[str, list[Ownership]] = defaultdict(list)
    for rule in rules:
        found[rule.touchpoint].append(rule)
    return found


def rules_of(touchpoint: str, by_pattern: Mapping[str, Sequence[Ownership]]) -> list[Ownership]:
    """The rules that match a touchpoint, those of the most specific pattern first."""
    return [rule for pattern in dict.fromkeys(patterns_of(touchpoint)) for rule in by_pattern.get(pattern, ())]


def valid_at(claims: list[CompiledRule], at_s: int) -> list[CompiledRule]:
    """Returns the claims that are in force at an epoch second, in their order."""
    return [claim for claim in claims if claim.start_s <= at_s < claim.end_s]


def starts_of_pieces(claims: list[CompiledRule]) -> list[int]:
    """Returns the first epoch second of each stretch in which the same claims are in force, ascending.

    The first one represents all the time before the first change.
    """
    edges = {edge for claim in claims for edge in (claim.start_s, claim.end_s)}
    return sorted((edges | {-WITHOUT_END}) - {WITHOUT_END})


def claim_of(rule: Ownership) -> CompiledRule:
    """Returns a rule ready for comparison."""
    start_s = -WITHOUT_END if rule.valid_from is None else epoch_s(rule.valid_from)
    end_s = WITHOUT_END if rule.valid_to is None else epoch_s(rule.valid_to)
    filters = sum(value is not None for value in (rule.segment, rule.region, rule.kind, rule.facet))
    return CompiledRule((_specificity(rule.touchpoint), filters, start_s), rule.position, start_s, end_s, rule)


def _specificity(pattern: str) -> int:
    if pattern == "*":
        return 0
    return len(pattern) if pattern.endswith(".*") else WITHOUT_END


def paint(claims: list[CompiledRule]) -> Winners:
    """Returns who wins when, of claims that match the same events, the best first: in one pass over their dates."""
    boundaries: list[int] = []
    winners: list[tuple[Ownership | None, bool]] = []
    begins = sorted(range(len(claims)), key=lambda number: claims[number].start_s)
    valid: list[int] = []
    started = 0
    for start_s in starts_of_pieces(claims):
        while started < len(begins) and claims[begins[started]].start_s <= start_s:
            heappush(valid, begins[started])
            started += 1
        winner = _winner(claims, valid, start_s)
        if not winners or winner != winners[-1]:
            boundaries.append(start_s)
            winners.append(winner)
    rules = tuple(rule for rule, _ in winners)
    return Winners(
        tuple(boundaries[1:]),
        tuple(rule.owner if rule else UNOWNED for rule in rules),
        rules,
        tuple(conflict for _, conflict in winners),
    )


def _winner(claims: list[CompiledRule], valid: list[int], at_s: int) -> tuple[Ownership | None, bool]:
    """The best claim in force, and whether only its position decided; drops from the heap what has ended."""
    best = _best(claims, valid, at_s)
    if best is None:
        return None, False
    heappop(valid)
    second = _best(claims, valid, at_s)
    heappush(valid, best)
    return claims[best].rule, second is not None and claims[best].rank == claims[second].rank


def _best(claims: list[CompiledRule], valid: list[int], at_s: int) -> int | None:
    while valid and claims[valid[0]].end_s <= at_s:
        heappop(valid)
    return valid[0] if valid else None
