"""What a trend reads: folded days, and parts of days by minute, each of which counts as a whole or not at all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, floor
from typing import Any, Final, NamedTuple

from metrics.catalogue import Horizon
from metrics.durations import DAY_S, MINUTE_S
from metrics.figures.days import HALF_LIVES_COUNTED, between, day_of, spans
from metrics.figures.trends import TrendDimension
from metrics.registry import Horizons
from metrics.registry.names import Names
from metrics.registry.told_apart import OwnerRun
from streams.figures import edition
from streams.figures.days import clean, half_lives
from streams.figures.names import numbering, shown_of_cells
from streams.figures.ownership import OwnersOverTime
from streams.figures.selection import in_seconds
from streams.store.client import Store
from streams.store.statements import Fragment, column_named, constant_triples, fragment, numbers, ranges

_PARTS: Final = fragment(__package__, "trend_parts")
_DAYS: Final = fragment(__package__, "trend_days")
_MINUTES: Final = fragment(__package__, "trend_minutes")
PARTS: Final[Mapping[str, Fragment]] = {"parts": _PARTS, "by_day": _DAYS, "by_minute": _MINUTES}
"""What statements about parts of days have in common; the outer first."""
NOTHING_APART: Final = numbers([0])
"""The value that is told apart where none is."""
NOTHING_CALLED: Final[Mapping[int, str]] = {0: ""}
"""What that is called."""
_SUMS: Final = ("w", "w2", "trials", "sizes", "promoters", "detractors", "satisfied", "score", "score_sq")


@dataclass(frozen=True, slots=True)
class TrendSelection:
    """What is read for some instants on one horizon.

    Attributes:
        parameters: What the statements are given.
        courses: For whom what is read counts, at which instants.
        groups: The fragments that number that, and what is told apart besides.
        parts: What statements about PARTS take besides.
    """

    parameters: Mapping[str, Any]
    courses: Sequence[Sequence[OwnerRun]]
    groups: Mapping[str, Fragment]
    parts: Mapping[str, Fragment]


@dataclass(frozen=True, slots=True)
class TrendBuckets:
    """What is put together: what counts for one department, and is called the same where something is told apart.

    Attributes:
        called: Department and name of each, numbered from 1.
        fragments: What statements take to number them.
    """

    called: Sequence[tuple[str, str]]
    fragments: Mapping[str, Fragment]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.called)


def buckets(selection: TrendSelection, called: Mapping[int, str]) -> TrendBuckets:
    """What is put together, by what each number that is told apart is called."""
    names = {name: position for position, name in enumerate(sorted(set(called.values())), start=1)}
    owners = sorted({run.owner for course in selection.courses for run in course})
    before = {owner: position * len(names) for position, owner in enumerate(owners)}
    courses = ([(before[run.owner], run.first + 1, run.last + 1) for run in course] for course in selection.courses)
    fragments = {
        "courses": constant_triples(courses),
        "values": numbers(called),
        "value_buckets": numbers(names[name] for name in called.values()),
    }
    return TrendBuckets(list(product(owners, names)), fragments)


class ToldBy(NamedTuple):
    """What gives the number of what is told apart besides owners, and what numbers stand for."""

    number: Fragment
    values: Sequence[str]


def told_by(store: Store, known: Names, by: TrendDimension | None, until_s: int) -> ToldBy:
    """How a dimension is told apart: names that are known, and the most frequent others until an epoch second."""
    if by is None:
        return ToldBy(NOTHING_APART, ("",))
    shown = numbering(shown_of_cells(store, known, 0, until_s))
    return {
        "touchpoint": ToldBy(shown.place, shown.names.places),
        "segment": ToldBy(shown.segment, shown.names.of_segments),
        "region": ToldBy(shown.region, shown.names.of_regions),
    }[by]


def select_trend(
    store: Store,
    instants: Sequence[int],
    horizon: Horizon,
    kinds: Collection[str],
    owners: OwnersOverTime,
    horizons: Horizons,
    value: Fragment = NOTHING_APART,
) -> TrendSelection:
    """What is read for the figures of some instants.

    Args:
        store: The store.
        instants: Whole minutes, epoch seconds, ascending, at least one.
        horizon: Which half-life.
        kinds: Kinds of event that count.
        owners: Whom they count for at these instants.
        horizons: The half-lives.
        value: Gives the number of what is told apart besides owners.

    Raises:
        BeingRenewed: Cells are still of an earlier edition.
    """
    edition.require(store)
    half_life_s = horizons.short_s if horizon == "short" else horizons.long_s
    cuts = _cuts(instants, HALF_LIVES_COUNTED * half_life_s)
    whole = _whole_days(clean(store, horizons), instants[-1], cuts)
    parts = _parts_fragments(horizon, cuts, whole, sorted(set(whole).intersection(owners.cut_days)))
    parameters = _windows(instants, half_life_s, horizons) | {"kinds": sorted(kinds)}
    return TrendSelection(parameters, owners.courses, {**owners.fragments, "value": value}, parts)


def _parts_fragments(
    horizon: Horizon, cuts: Sequence[int], whole: Sequence[int], cut_days: Sequence[int]
) -> dict[str, Fragment]:
    folded, cut = spans(whole), spans(cut_days)
    return {
        **{name: column_named(f"{horizon}_{name}") for name in _SUMS},
        "cuts": numbers((0, *cuts)),
        "days": ranges("day_number", ((one, last + 1) for one, last in folded)),
        "minutes": ranges("minute_at_s", (in_seconds(one, last) for one, last in between(folded))),
        "cut_days": ranges("day_number", ((one, last + 1) for one, last in cut)),
        "cut_minutes": ranges("minute_at_s", (in_seconds(one, last) for one, last in cut)),
    }


def _windows(instants: Sequence[int], half_life_s: float, horizons: Horizons) -> dict[str, Any]:
    longest_s = HALF_LIVES_COUNTED * max(horizons.short_s, horizons.long_s)
    return half_lives(horizons) | {
        "half_life": float(half_life_s),
        "window": float(HALF_LIVES_COUNTED * half_life_s),
        "window_s": ceil(HALF_LIVES_COUNTED * half_life_s),
        "longest_window_s": ceil(longest_s),
        "until": float(instants[-1] - MINUTE_S),
        "oldest": max(0, int(instants[0] - longest_s)),
    }


def _cuts(instants: Sequence[int], window_s: float) -> list[int]:
    """The minutes, ascending, with which one ends to count or begins to, at one of the instants."""
    begins = ((floor((at_s - window_s) / MINUTE_S) + 1) * MINUTE_S for at_s in instants)
    return sorted({*instants, *(minute for minute in begins if minute > 0)})


def _whole_days(folded: Collection[int], last_s: int, cuts: Collection[int]) -> list[int]:
    """The folded days that end by the last instant and that nothing cuts, ascending."""
    cut = {day_of(at_s) for at_s in cuts if at_s % DAY_S}
    return sorted(day for day in folded if day < day_of(last_s) and day not in cut)
