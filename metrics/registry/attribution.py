"""Who owned a touchpoint when: the ownership rules of a registry, compiled for one lookup per event."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache, cached_property

from metrics.registry.claims import WITHOUT_END, CompiledRule, Winners, claim_of, paint, patterns_of
from metrics.registry.model import Ownership, Registry
from metrics.registry.names import Names, names_of_rules
from metrics.registry.told_apart import ToldApart, told_apart


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
            self._by_pattern[rule.touchpoint].append(claim_of(rule))
        self._labels = {"", *(label for rule in rules for label in (rule.segment, rule.region, rule.kind) if label)}
        edges = {
            edge for claims in self._by_pattern.values() for claim in claims for edge in (claim.start_s, claim.end_s)
        }
        self.boundaries: tuple[int, ...] = tuple(sorted(edges - {-WITHOUT_END, WITHOUT_END}))
        """Every distinct `from` and `to` of the registry, epoch seconds, ascending."""
        self._cache: dict[tuple[str, str, str, str], Winners] = {}
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

    @cached_property
    def told_apart(self) -> ToldApart:
        """What of events decides who owns them when: made at the first use, and kept.

        Raises:
            TooManyToldApartError: It is more than statements can be given.
        """
        return told_apart(self.names, self._by_pattern)

    def _timeline(self, touchpoint: str, segment: str, region: str, kind: str) -> Winners:
        key = (touchpoint, segment, region, kind)
        timeline = self._cache.get(key)
        if timeline is None:
            # Labels that no rule names have the same owners: rules are compared once for all kinds of a touchpoint.
            plain = (touchpoint, *(label if label in self._labels else "" for label in (segment, region, kind)))
            timeline = paint(self.claims(*plain)) if plain == key else self._timeline(*plain)
            if len(self._cache) >= self._cache_size:
                # Everything at once: removing single entries would need an order of use, at a cost for each hit.
                self._cache.clear()
            self._cache[key] = timeline
        return timeline


def by_facet(registry: Registry) -> Callable[[str], Attribution]:
    """Who owned what, by facet; "" stands for events. Each is made once, when it is first asked for."""
    return cache(lambda facet: Attribution(registry, facet=facet or None))
