"""Who owned a touchpoint when: the ownership rules of a registry, compiled for one lookup per event."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from metrics.registry.model import UNOWNED, Ownership, Registry
from metrics.registry.names import Names, names_of_rules

_ALWAYS = 1 << 62  # seconds: beyond every date that TOML can write


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


class _Timeline(NamedTuple):
    """The winner between boundaries (epoch seconds): one more entry in each tuple than there are boundaries."""

    boundaries: tuple[int, ...]
    owners: tuple[str, ...]
    rules: tuple[Ownership | None, ...]
    conflicts: tuple[bool, ...]


class Attribution:
    """Looks up the rules of one registry by touchpoint, segment, region, kind and time.

    Immutable except for a cache of at most `cache_size` combinations: they come from events, which may hold anything,
    so they must not fill the memory. The default size takes about 15 MB.

    Without a `facet` it covers events and whole touchpoints, and ignores rules of a facet. With one it covers who
    answers for that facet: its rules count as well, with the facet as one more filter.
    """

    def __init__(self, registry: Registry, cache_size: int = 16_384, facet: str | None = None) -> None:
        self._by_pattern: defaultdict[str, list[CompiledRule]] = defaultdict(list)
        rules = [rule for rule in registry.ownerships if rule.facet in (None, facet)]
        self.names: Names = names_of_rules(rules)
        """What its rules tell apart: what counts as one name there has one owner."""
        for rule in rules:
            self._by_pattern[rule.touchpoint].append(_claim(rule))
        edges = {
            edge for claims in self._by_pattern.values() for claim in claims for edge in (claim.start_s, claim.end_s)
        }
        self.boundaries: tuple[int, ...] = tuple(sorted(edges - {-_ALWAYS, _ALWAYS}))
        """Every distinct `from` and `to` of the registry, epoch seconds, ascending."""
        self._cache: dict[tuple[str, str, str, str], _Timeline] = {}
        self._cache_size = cache_size

    def owner(self, touchpoint: str, segment: str, region: str, kind: str, at_s: int) -> str:
        """Returns the department that owned such an event at epoch second `at_s`, or UNOWNED."""
        timeline = self._cache.get((touchpoint, segment, region, kind))
        if timeline is None:
            timeline = self._timeline(touchpoint, segment, region, kind)
        return timeline[1][bisect_right(timeline[0], at_s)]

    def owners(
        self,
        touchpoints: Iterable[str],
        segments: Iterable[str],
        regions: Iterable[str],
        kinds: Iterable[str],
        at_ms: Iterable[int],
    ) -> list[str]:
        """Returns the owner of each of many events, like `owner`; the instants are milliseconds since 1970."""
        cache, owners = self._cache, []
        for key, instant_ms in zip(zip(touchpoints, segments, regions, kinds, strict=True), at_ms, strict=True):
            timeline = cache.get(key)
            if timeline is None:
                timeline = self._timeline(*key)
            owners.append(timeline[1][bisect_right(timeline[0], instant_ms // 1000)])
        return owners

    def rule(self, touchpoint: str, segment: str, region: str, kind: str, at_s: int) -> Ownership | None:
        """Returns the rule that decides, with its contributors; None if the event is unowned."""
        timeline = self._timeline(touchpoint, segment, region, kind)
        return timeline.rules[bisect_right(timeline.boundaries, at_s)]

    def is_conflict(self, touchpoint: str, segment: str, region: str, kind: str, at_s: int) -> bool:
        """Returns whether only the order in the file decided between two rules."""
        timeline = self._timeline(touchpoint, segment, region, kind)
        return timeline.conflicts[bisect_right(timeline.boundaries, at_s)]

    def spans(self, touchpoint: str, segment: str, region: str, kind: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """Returns n ascending boundaries where the owner may change (epoch seconds) and the n + 1 owners around them.

        An owner owns from its boundary, inclusive, to the next one, exclusive.
        """
        timeline = self._timeline(touchpoint, segment, region, kind)
        return timeline.boundaries, timeline.owners

    def claims(self, touchpoint: str, segment: str, region: str, kind: str) -> list[CompiledRule]:
        """Returns the rules that match such an event at any time, the winner first."""
        matching = [
            claim
            for pattern in patterns_of(touchpoint)
            for claim in self._by_pattern.get(pattern, ())
            if claim.matches(segment, region, kind)
        ]
        return sorted(matching, reverse=True)

    def _timeline(self, touchpoint: str, segment: str, region: str, kind: str) -> _Timeline:
        key = (touchpoint, segment, region, kind)
        timeline = self._cache.get(key)
        if timeline is None:
            timeline = _paint(self.claims(*key))
            if len(self._cache) >= self._cache_size:
                # Everything at once: removing single entries would need an order of use, at a cost for each hit.
                self._cache.clear()
            self._cache[key] = timeline
        return timeline


def patterns_of(touchpoint: str) -> list[str]:
    """Returns every pattern that matches a touchpoint, the most specific first.

    >>> patterns_of("web.shop.cart")
    ['web.shop.cart', 'web.shop.*', 'web.*', '*']
    """
    words = touchpoint.split(".")
    return [touchpoint, *(".".join((*words[:n], "*")) for n in range(len(words) - 1, 0, -1)), "*"]


def valid_at(claims: list[CompiledRule], at_s: int) -> list[CompiledRule]:
    """Returns the claims that are in force at an epoch second, in their order."""
    return [claim for claim in claims if claim.start_s <= at_s < claim.end_s]


def starts_of_pieces(claims: list[CompiledRule]) -> list[int]:
    """Returns the first epoch second of each stretch in which the same claims are in force, ascending.

    The first one represents all the time before the first change.
    """
    edges = {edge for claim in claims for edge in (claim.start_s, claim.end_s)}
    return sorted((edges | {-_ALWAYS}) - {_ALWAYS})


def _claim(rule: Ownership) -> CompiledRule:
    start_s = -_ALWAYS if rule.valid_from is None else epoch_s(rule.valid_from)
    end_s = _ALWAYS if rule.valid_to is None else epoch_s(rule.valid_to)
    filters = sum(value is not None for value in (rule.segment, rule.region, rule.kind, rule.facet))
    return CompiledRule((_specificity(rule.touchpoint), filters, start_s), rule.position, start_s, end_s, rule)


def _specificity(pattern: str) -> int:
    if pattern == "*":
        return 0
    return len(pattern) if pattern.endswith(".*") else _ALWAYS


def _paint(claims: list[CompiledRule]) -> _Timeline:
    boundaries: list[int] = []
    winners: list[tuple[Ownership | None, bool]] = []
    for start_s in starts_of_pieces(claims):
        best = valid_at(claims, start_s)[:2]
        winner = (best[0].rule if best else None, len(best) == 2 and best[0].rank == best[1].rank)
        if not winners or winner != winners[-1]:
            boundaries.append(start_s)
            winners.append(winner)
    rules = tuple(rule for rule, _ in winners)
    return _Timeline(
        tuple(boundaries[1:]),
        tuple(rule.owner if rule else UNOWNED for rule in rules),
        rules,
        tuple(conflict for _, conflict in winners),
    )
