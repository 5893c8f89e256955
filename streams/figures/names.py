"""Names that count apart, in statements: each by its number, and names without end as few.

What a reading shows of names that the registry does not know is bounded: those with the most events are shown, the
others count as `(other)`. The choice is a function of facts, of the registry and of the bound. Owners never depend on
it: what counts together has one owner.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from metrics.durations import DAY_S
from metrics.registry.names import OPEN_DIMENSIONS, Names
from streams.store.client import Store
from streams.store.statements import (
    Fragment,
    Query,
    Row,
    column_named,
    constant_texts,
    either,
    fragment,
    numbers,
    query,
)


class UnknownName(Row):
    """A name that the registry does not know."""

    name: str


class UnknownNames(Row):
    """How many names the registry does not know."""

    touchpoints: int
    segments: int
    regions: int


_PLACE: Final = fragment(__package__, "place")
_BY_ID: Final = fragment(__package__, "place_by_id")
_BY_PREFIX: Final = fragment(__package__, "place_by_prefix")
_SEGMENT: Final = fragment(__package__, "segment_number")
_REGION: Final = fragment(__package__, "region_number")
_IN_CELLS: Final = query(__package__, "unknown_in_cells", UnknownName)
_MOST_IN_CELLS: Final = query(__package__, "most_in_cells", UnknownName)
_IN_FACTS: Final = query(__package__, "unknown_in_facts", UnknownName)
_MOST_IN_FACTS: Final = query(__package__, "most_in_facts", UnknownName)
_COUNT: Final = query(__package__, "unknown_names", UnknownNames)


@dataclass(frozen=True, slots=True)
class Numbered:
    """Names with the expressions that number them.

    Attributes:
        names: The names.
        place: Gives the number of a row's touchpoint, in `names.places`.
        segment: Gives the number of its segment, in `names.of_segments`.
        region: Gives the number of its region, in `names.of_regions`.
        lists: These three lists.
    """

    names: Names
    place: Fragment
    segment: Fragment
    region: Fragment
    lists: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]

    @property
    def fragments(self) -> dict[str, Fragment]:
        """The three expressions, as statements call them."""
        return {"place": self.place, "segment": self.segment, "region": self.region}

    def called(self, place: int, segment: int, region: int) -> tuple[str, str, str]:
        """What three numbers stand for: touchpoint, segment and region."""
        places, segments, regions = self.lists
        return places[place], segments[segment], regions[region]


def numbering(names: Names) -> Numbered:
    """The expressions that number names."""
    matches = [_by_id(names), *_by_prefix(names)]
    return Numbered(
        names,
        _PLACE.filled(matches=either(matches)),
        _SEGMENT.filled(names=constant_texts(names.segments), end=numbers([len(names.segments) + 1])),
        _REGION.filled(names=constant_texts(names.regions), end=numbers([len(names.regions) + 1])),
        (names.places, names.of_segments, names.of_regions),
    )


def _by_id(names: Names) -> Fragment:
    first = len(names.prefixes) + 1
    # The engine looks nothing up in an empty list: one text that is no id goes before them.
    return _BY_ID.filled(
        names=constant_texts(("", *names.touchpoints)),
        first=numbers([first]),
        end=numbers([first + len(names.touchpoints)]),
    )


def _by_prefix(names: Names) -> Iterator[Fragment]:
    first = 1
    for depth, group in groupby(names.prefixes, key=lambda prefix: prefix.count(".")):
        prefixes = list(group)
        end = first + len(prefixes)
        yield _BY_PREFIX.filled(
            names=constant_texts(prefixes), first=numbers([first]), end=numbers([end]), depth=numbers([depth])
        )
        first = end


def shown_of_cells(store: Store, names: Names, since_s: int, until_s: int) -> Names:
    """What a reading of cells shows: all that is known, and as much of the rest as `store.unknown_names` says.

    Args:
        store: The store.
        names: What is known.
        since_s: The first minute of the cells that are read, epoch seconds.
        until_s: The minute after the last.
    """
    apart, span = numbering(names), {"since": since_s, "until": until_s}
    touchpoints, segments, regions = (
        _most(
            store,
            (_IN_CELLS, _MOST_IN_CELLS),
            span | {"last_unknown": last},
            {"name": column_named(name), "number": number},
        )
        for name, number, last in (
            ("touchpoint", apart.place, len(names.prefixes)),
            ("segment", apart.segment, 0),
            ("region", apart.region, 0),
        )
    )
    return names.plus(touchpoints, segments, regions)


def shown_of_facts(store: Store, names: Names, since_s: float, until_s: float) -> Names:
    """The same of touchpoints in a reading of facts, between two instants, epoch seconds."""
    parameters = {"since": since_s, "until": until_s, "last_unknown": len(names.prefixes)}
    number = {"number": numbering(names).place}
    return names.plus(_most(store, (_IN_FACTS, _MOST_IN_FACTS), parameters, number))


def _most(
    store: Store,
    queries: tuple[Query[UnknownName], Query[UnknownName]],
    parameters: Mapping[str, float],
    fragments: Mapping[str, Fragment],
) -> list[str]:
    limit = store.unknown_names
    some, most = queries
    # One more than the limit shows that there are more. To rank them costs a second pass, and is rarely needed.
    found = store.fetch(some, {**parameters, "limit": limit + 1}, **fragments)
    if len(found) > limit:
        found = store.fetch(most, {**parameters, "limit": limit}, **fragments)
    return [row.name for row in found]


def over_limit(store: Store, names: Names, until: datetime) -> dict[str, int]:
    """How many touchpoints, segments and regions, by dimension, count as others in the day before an instant."""
    until_s = int(until.timestamp()) + 1
    span = {"since": until_s - DAY_S, "until": until_s, "last_unknown": len(names.prefixes)}
    unknown = store.fetch_one(_COUNT, span, **numbering(names).fragments)
    counts = (unknown.touchpoints, unknown.segments, unknown.regions)
    return {name: max(0, count - store.unknown_names) for name, count in zip(OPEN_DIMENSIONS, counts, strict=True)}
