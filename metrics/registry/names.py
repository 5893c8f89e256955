"""Which names count apart: those that rules can tell apart, some more where a reading shows names, and no others.

Events may name touchpoints, segments and regions without end. A registry tells apart only so many: every touchpoint
that it does not name has the owner of the longest prefix of a rule that it begins with. So names that are not known
count together, as `web.(other)` where a rule or a policy is about `web.*`, else as `(other)`: the owner is the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from metrics.registry.model import Ownership, Registry

OTHER: Final = "(other)"
"""No id of a touchpoint has parentheses, and no registry names a segment or region like this."""

OPEN_DIMENSIONS: Final = ("touchpoint", "segment", "region")
"""Events name these as they like."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that count apart, in order.

    Attributes:
        prefixes: What a rule's pattern ends `*` after, "web." for "web.*": the shortest first.
        touchpoints: Ids of touchpoints.
        segments: Labels of segments; "" for none is among them.
        regions: Labels of regions; "" for none is among them.
    """

    prefixes: tuple[str, ...]
    touchpoints: tuple[str, ...]
    segments: tuple[str, ...]
    regions: tuple[str, ...]

    @property
    def places(self) -> tuple[str, ...]:
        """What touchpoints count as, by number: OTHER, then what is unknown under each prefix, then each by itself.

        Of all that fit a touchpoint, the one with the greatest number is the most specific.

        >>> Names(("web.",), ("web.cart",), ("",), ("",)).places
        ('(other)', 'web.(other)', 'web.cart')
        """
        return OTHER, *(prefix + OTHER for prefix in self.prefixes), *self.touchpoints

    @property
    def of_segments(self) -> tuple[str, ...]:
        """What segments count as, by number: OTHER, then each by itself."""
        return OTHER, *self.segments

    @property
    def of_regions(self) -> tuple[str, ...]:
        """What regions count as, by number: OTHER, then each by itself."""
        return OTHER, *self.regions

    def plus(
        self, touchpoints: Iterable[str] = (), segments: Iterable[str] = (), regions: Iterable[str] = ()
    ) -> "Names":
        """The same and some more names."""
        return Names(
            self.prefixes,
            _sorted(*self.touchpoints, *touchpoints),
            _sorted(*self.segments, *segments),
            _sorted(*self.regions, *regions),
        )

    def joined(self, other: "Names") -> "Names":
        """What either tells apart."""
        more = self.plus(other.touchpoints, other.segments, other.regions)
        return Names(_by_depth(*self.prefixes, *other.prefixes), more.touchpoints, more.segments, more.regions)


def names_of_rules(rules: Iterable[Ownership]) -> Names:
    """What some rules tell apart: enough to know owners."""
    kept = tuple(rules)
    patterns = {rule.touchpoint for rule in kept}
    return Names(
        _prefixes(patterns),
        _exact(patterns),
        _sorted("", *(rule.segment for rule in kept if rule.segment)),
        _sorted("", *(rule.region for rule in kept if rule.region)),
    )


def names_of(registry: Registry) -> Names:
    """Everything that a registry names."""
    patterns = {
        *(touchpoint.id for touchpoint in registry.touchpoints),
        *(rule.touchpoint for rule in registry.ownerships),
        *(policy.touchpoint for policy in registry.policies),
        *(pattern for programme in registry.programmes for pattern in programme.touchpoints),
    }
    of_rules = names_of_rules(registry.ownerships)
    declared = Names(_prefixes(patterns), _exact(patterns), tuple(item.id for item in registry.segments), ())
    return of_rules.joined(declared)


def is_other(name: str) -> bool:
    """Whether a name stands for those that are not known.

    >>> is_other("web.(other)"), is_other("(other)"), is_other("web.cart")
    (True, True, False)
    """
    return name.endswith(OTHER)


def _exact(patterns: Iterable[str]) -> tuple[str, ...]:
    return _sorted(*(pattern for pattern in patterns if not pattern.endswith("*")))


def _prefixes(patterns: Iterable[str]) -> tuple[str, ...]:
    return _by_depth(*(pattern[:-1] for pattern in patterns if pattern.endswith(".*")))


def _by_depth(*prefixes: str) -> tuple[str, ...]:
    return tuple(sorted(set(prefixes), key=lambda prefix: (prefix.count("."), prefix)))


def _sorted(*names: str) -> tuple[str, ...]:
    return tuple(sorted(set(names) - {OTHER}))
