"""What a reading of figures reads: one selection of days, minutes and answers that all its statements share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from metrics.durations import DAY_S, MINUTE_S
from metrics.figures.days import HALF_LIVES_COUNTED, between, spans
from metrics.registry import Horizons
from metrics.registry.names import Names
from streams.figures import edition
from streams.figures.days import half_lives, usable_at
from streams.figures.names import Numbered, numbering
from streams.store.client import Store
from streams.store.statements import Fragment, fragment, numbers, ranges

CELLS: Final = fragment(__package__, "selected_cells")
DAYS: Final = fragment(__package__, "selected_days")
CUSTOMERS_ANSWERS: Final = fragment(__package__, "selected_answers")
KEY: Final = fragment(__package__, "group_key")


@dataclass(frozen=True, slots=True)
class CellSelection:
    """Which days and minutes are read, and how what they hold is told apart.

    Attributes:
        parameters: What the statements are given.
        apart: Names that count apart, with the expressions that number them.
        key: Gives the number of what rules can tell apart.
        minutes: The condition for minutes that are read from cells.
        days: The condition for days that are read folded; None where none is.
    """

    parameters: Mapping[str, Any]
    apart: Numbered
    key: Fragment
    minutes: Fragment
    days: Fragment | None

    def of_minutes(self) -> dict[str, Fragment]:
        """The fragments of statements about cells."""
        return {**self.apart.fragments, "key": self.key, "spans": self.minutes}

    def of_days(self, days: Fragment) -> dict[str, Fragment]:
        """The fragments of statements about folded days."""
        return {**self.apart.fragments, "key": self.key, "spans": days}


def select(
    store: Store, at_s: float, boundaries: Sequence[int], horizons: Horizons, names: Names, *, live: bool = False
) -> CellSelection:
    """What is read for the figures of an instant.

    Args:
        store: The store.
        at_s: The instant, epoch seconds.
        boundaries: Instants at which an owner may change, epoch seconds, ascending.
        horizons: Half-lives, seconds. With others than the service's own no day is folded, and all is read by minute.
        names: What counts by itself, and so how many groups there can be, whatever events name.
        live: Whether also what has landed of the open minute; else the minutes that are over at the instant.

    Raises:
        BeingRenewed: Cells are still of an earlier edition.
    """
    edition.require(store)
    folded = spans(usable_at(store, at_s, boundaries, horizons))
    window_s = HALF_LIVES_COUNTED * max(horizons.short_s, horizons.long_s)
    parameters = half_lives(horizons) | {
        "at": at_s,
        "until": at_s if live else at_s - MINUTE_S,
        "oldest": max(0, int(at_s - window_s) // MINUTE_S * MINUTE_S),
        "boundaries": list(boundaries),
        "counted": float(HALF_LIVES_COUNTED),
        "kept_at": 0.0,
    }
    by_day = ranges("day_number", ((first, last + 1) for first, last in folded)) if folded else None
    by_minute = ranges("minute_at_s", (in_seconds(first, last) for first, last in between(folded)))
    return CellSelection(parameters, numbering(names), KEY.filled(**sizes_of(names)), by_minute, by_day)


def sizes_of(names: Names) -> dict[str, Fragment]:
    """How many names there are of each dimension: what numbers of groups are made with."""
    return {
        "places": numbers([len(names.places)]),
        "segments": numbers([len(names.of_segments)]),
        "regions": numbers([len(names.of_regions)]),
    }


def in_seconds(first: int | None, last: int | None) -> tuple[int | None, int | None]:
    """Where days begin and end, epoch seconds; `last` is one of them."""
    return None if first is None else first * DAY_S, None if last is None else (last + 1) * DAY_S
