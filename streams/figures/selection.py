"""What a reading of figures reads: one selection of days, minutes and answers that all its statements share."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from metrics.durations import DAY_S, MINUTE_S
from metrics.figures.days import HALF_LIVES_COUNTED, between, spans
from metrics.registry import Horizons
from metrics.registry.attribution import Attribution
from metrics.registry.chosen_lines import cut_days_of, places_of
from metrics.registry.told_apart import ToldApart
from streams.figures import edition
from streams.figures.days import half_lives, usable_at
from streams.figures.ownership import Owners, owners_paired
from streams.store.client import Store
from streams.store.statements import Fragment, among, fragment, ranges

CELLS: Final = fragment(__package__, "selected_cells")
DAYS: Final = fragment(__package__, "selected_days")
CUSTOMERS_ANSWERS: Final = fragment(__package__, "selected_answers")
_PLACE: Final = "own_place1"
"""A row's place in statements (ownership_line.sql)."""
EVERY_PLACE: Final = ranges(_PLACE, [(None, None)])


@dataclass(frozen=True, slots=True)
class CellSelection:
    """Which days and minutes are read, and who owns what they hold.

    Attributes:
        parameters: What the statements are given.
        apart: What the rules of ownership tell apart.
        owners: Who owned what, and owns it at the instant.
        minutes: The condition for minutes that are read from cells.
        folds: The days that are read folded, with the version of each one's fold.
        cut: Those of them of which is read from cells what changes its owner within the day.
        places: The condition for the places that are read.
    """

    parameters: Mapping[str, Any]
    apart: ToldApart
    owners: Owners
    minutes: Fragment
    folds: Mapping[int, int]
    cut: Sequence[int]
    places: Fragment = EVERY_PLACE

    def of_lines(self, lines: Collection[int]) -> "CellSelection":
        """The same of some lines of ownership, by number, and of the others of their places."""
        places = places_of(self.apart, lines)
        owners = owners_paired(self.apart, self.parameters["at"], places.lines)
        cut = sorted(cut_days_of(self.apart, places.lines).intersection(self.cut))
        return replace(self, owners=owners, cut=cut, places=among(_PLACE, sorted(places.numbers)))

    def of_minutes(self) -> dict[str, Fragment]:
        """The fragments of statements about cells of days that are not read folded."""
        return {**self._of_places(), "spans": self.minutes}

    def of_cut_minutes(self) -> dict[str, Fragment]:
        """The fragments of statements about cells of days that are."""
        cut = ranges("minute_at_s", (in_seconds(first, last) for first, last in spans(self.cut)))
        return {**self._of_places(), "spans": cut}

    def of_days(self) -> dict[str, Fragment]:
        """The fragments of statements about folded days."""
        return {**self._of_places(), "spans": days_among(list(self.folds)), "cut": days_among(self.cut)}

    def _of_places(self) -> dict[str, Fragment]:
        return {**self.owners.fragments, "places": self.places}


def days_among(days: Sequence[int]) -> Fragment:
    """The condition for some days, ascending."""
    return ranges("day_number", ((first, last + 1) for first, last in spans(days)))


def select(
    store: Store, at_s: float, attribution: Attribution, horizons: Horizons, *, live: bool = False
) -> CellSelection:
    """What is read for the figures of an instant.

    Args:
        store: The store.
        at_s: The instant, epoch seconds.
        attribution: Who owned what.
        horizons: Half-lives, seconds. With others than the service's own no day is folded, and all is read by minute.
        live: Whether also what has landed of the open minute; else the minutes that are over at the instant.

    Raises:
        BeingRenewed: Cells are still of an earlier edition.
    """
    edition.require(store)
    apart = attribution.told_apart
    folds = usable_at(store, at_s, horizons)
    window_s = HALF_LIVES_COUNTED * max(horizons.short_s, horizons.long_s)
    parameters = half_lives(horizons) | {
        "at": at_s,
        "until": at_s if live else at_s - MINUTE_S,
        "oldest": max(0, int(at_s - window_s) // MINUTE_S * MINUTE_S),
        "counted": float(HALF_LIVES_COUNTED),
        "kept_at": 0.0,
    }
    minutes = ranges("minute_at_s", (in_seconds(first, last) for first, last in between(spans(list(folds)))))
    cut = sorted(apart.cut_days.intersection(folds))
    return CellSelection(parameters, apart, owners_paired(apart, at_s), minutes, folds, cut)


def in_seconds(first: int | None, last: int | None) -> tuple[int | None, int | None]:
    """Where days begin and end, epoch seconds; `last` is one of them."""
    return None if first is None else first * DAY_S, None if last is None else (last + 1) * DAY_S
