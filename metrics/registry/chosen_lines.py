"""Which lines of ownership count for some departments, and where they are: what is read for these alone."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from metrics.durations import DAY_S
from metrics.registry.told_apart import ToldApart


class LinesAtPlaces(NamedTuple):
    """Some places, by number, and all lines that there are at these."""

    numbers: Collection[int]
    lines: Collection[int]


def lines_counting_for(apart: ToldApart, once: Collection[str], now: Collection[str], at_s: float) -> set[int]:
    """The numbers of the lines that some have ever owned, or others own at an instant.

    Args:
        apart: The tables.
        once: Those who may have owned it at any time.
        now: Those who own it at the instant.
        at_s: The instant, epoch seconds.
    """
    return {
        number
        for number, line in enumerate(apart.lines)
        if line.owners_within(at_s, at_s)[0] in now or any(owner in once for owner in line.owners)
    }


def places_of(apart: ToldApart, lines: Collection[int]) -> LinesAtPlaces:
    """Where some lines are."""
    width = apart.strides.place
    ends = [*list(apart.line_from)[1:], len(apart.names.places) * width]
    runs = [
        (line, range(begin // width, (end - 1) // width + 1))
        for (begin, line), end in zip(apart.line_from.items(), ends, strict=True)
    ]
    places = {place for line, found in runs if line in lines for place in found}
    return LinesAtPlaces(places, {line for line, found in runs if not places.isdisjoint(found)})


def cut_days_of(apart: ToldApart, lines: Iterable[int]) -> set[int]:
    """The days within which the owner of one of some lines changes."""
    return {at_s // DAY_S for number in lines for at_s in apart.lines[number].boundaries if at_s % DAY_S}
