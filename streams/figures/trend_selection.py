"""What a trend reads: folded days, and parts of days by minute, each of which counts as a whole or not at all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any, Final

from metrics.catalogue import Horizon
from metrics.durations import DAY_S, MINUTE_S
from metrics.figures.days import HALF_LIVES_COUNTED, between, day_of, spans
from metrics.registry import Horizons
from metrics.registry.names import Names
from streams.figures import edition
from streams.figures.days import clean, half_lives
from streams.figures.names import Numbered, numbering
from streams.figures.selection import KEY, in_seconds, sizes_of
from streams.store.client import Store
from streams.store.statements import Fragment, column_named, fragment, numbers, ranges

_PARTS: Final = fragment(__package__, "trend_parts")
_DAYS: Final = fragment(__package__, "trend_days")
_MINUTES: Final = fragment(__package__, "trend_minutes")
PARTS: Final[Mapping[str, Fragment]] = {"parts": _PARTS, "by_day": _DAYS, "by_minute": _MINUTES}
"""What statements about parts of days have in common; the outer first."""
_SUMS: Final = ("w", "w2", "trials", "sizes", "promoters", "detractors", "satisfied", "score", "score_sq")


@dataclass(frozen=True, slots=True)
class TrendSelection:
    """What is read for some instants on one horizon.

    Attributes:
        parameters: What the statements are given.
        apart: Names that count apart, with the expressions that number them.
        key: Gives the number of what rules can tell apart.
        parts: What statements about PARTS take besides.
    """

    parameters: Mapping[str, Any]
    apart: Numbered
    key: Fragment
    parts: Mapping[str, Fragment]

    @property
    def groups(self) -> dict[str, Fragment]:
        """The fragments that number what rules can tell apart."""
        return {**self.apart.fragments, "key": self.key}


def select_trend(
    store: Store,
    instants: Sequence[int],
    horizon: Horizon,
    kinds: Collection[str],
    boundaries: Sequence[int],
    horizons: Horizons,
    names: Names,
) -> TrendSelection:
    """What is read for the figures of some instants.

    Args:
        store: The store.
        instants: Whole minutes, epoch seconds, ascending, at least one.
        horizon: Which half-life.
        kinds: Kinds of event that count.
        boundaries: Instants at which an owner may change, epoch seconds, ascending.
        horizons: The half-lives.
        names: What counts by itself.

    Raises:
        BeingRenewed: Cells are still of an earlier edition.
    """
    edition.require(store)
    half_life_s = horizons.short_s if horizon == "short" else horizons.long_s
    cuts = _cuts(instants, HALF_LIVES_COUNTED * half_life_s)
    folded = spans(_whole_days(clean(store, horizons), instants[-1], (*cuts, *boundaries)))
    parts = {
        **{name: column_named(f"{horizon}_{name}") for name in _SUMS},
        "cuts": numbers((0, *cuts)),
        "days": ranges("day_number", ((one, last + 1) for one, last in folded)),
        "minutes": ranges("minute_at_s", (in_seconds(one, last) for one, last in between(folded))),
    }
    parameters = _windows(instants, half_life_s, horizons) | {"boundaries": list(boundaries), "kinds": sorted(kinds)}
    return TrendSelection(parameters, numbering(names), KEY.filled(**sizes_of(names)), parts)


def _windows(instants: Sequence[int], half_life_s: float, horizons: Horizons) -> dict[str, Any]:
    longest_s = HALF_LIVES_COUNTED * max(horizons.short_s, horizons.long_s)
    return half_lives(horizons) | {
        "half_life": float(half_life_s),
        "window": float(HALF_LIVES_COUNTED * half_life_s),
        "longest_window": float(longest_s),
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
