"""Days that are read folded, carried from one instant to a later one of the same day.

All their weights decay by one factor, so only what has changed is read again. Where the window has moved on by a day,
or something has another owner, that is everything. Where days were folded again, it is the departments for which counts
what has other sums in these days than before: all their days, since what is kept of them are sums over days. In between
a refresh costs what is not folded yet.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from metrics.durations import DAY_S
from metrics.figures.balances import VIEWS, View
from metrics.figures.folded import DailyByKind, folded_by_department, folded_of
from metrics.registry import COMPANY, Horizons
from metrics.registry.chosen_lines import lines_counting_for
from streams.figures.closed_days import (
    ClosedDays,
    DaysRead,
    closed_days,
    company_read,
    days_read,
    exposures_of,
    half_lives_of,
)
from streams.figures.days import clean_folds
from streams.figures.ownership import Owners
from streams.figures.selection import CellSelection, days_among
from streams.store.client import Store
from streams.store.statements import Row, numbers, query

MOST_CHANGED: Final = 10_000
"""Of more lines of ownership and days that have changed, everything is read: that takes no longer then."""
_UNKNOWN: Final = 0
"""The version of a fold of which it is not known what was read."""


class ChangedLine(Row):
    """Something that has changed in a day (since 1970-01-01): where its line of ownership begins."""

    day: int
    line_begins: int


_CHANGED: Final = query(__package__, "changed_lines", ChangedLine)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read last.

    Attributes:
        days: What the days add.
        folds: Which days, with the version of each one's fold.
        owners: Who owned what, and owned it at the instant.
    """

    days: ClosedDays
    folds: Mapping[int, int]
    owners: Owners
    half_lives: object

    def is_of(self, selection: CellSelection) -> bool:
        """Whether it is of the days, half-lives and owners of a selection."""
        of = (self.folds.keys(), self.half_lives, self.owners)
        return of == (selection.folds.keys(), half_lives_of(selection), selection.owners)


class KeptClosedDays:
    """The last that was read, for whoever asks again and again about instants close to each other."""

    def __init__(self) -> None:
        self._kept: _Kept | None = None

    def at(self, store: Store, selection: CellSelection) -> ClosedDays:
        """What days that are read folded add: carried from the last instant, but for what has changed."""
        known = self._kept.folds if self._kept is not None and self._kept.is_of(selection) else None
        changed = [] if known is None else [day for day, fold in selection.folds.items() if known[day] != fold]
        touched = None if known is None else _touched(store, selection, {day: known[day] for day in changed})
        if self._kept is None or touched is None:
            self._kept = None  # what is kept goes before the next is read: memory for one
            return self._keep(store, selection, closed_days(store, selection))
        carried = self._kept.days.carried(selection.parameters["at"], half_lives_of(selection))
        if not changed:
            return carried
        return self._keep(store, selection, _read_again(store, selection, carried, changed, touched))

    def _keep(self, store: Store, selection: CellSelection, read: ClosedDays) -> ClosedDays:
        """Keeps what was read, of the folds that are the same after it as before it."""
        (_, short_s), (_, long_s) = half_lives = half_lives_of(selection)
        now = clean_folds(store, Horizons(short_s, long_s))
        folds = {day: fold if now.get(day) == fold else _UNKNOWN for day, fold in selection.folds.items()}
        self._kept = _Kept(read, folds, selection.owners, half_lives)
        return read


def _touched(store: Store, selection: CellSelection, known: Mapping[int, int]) -> Mapping[View, Collection[str]] | None:
    """The departments for which counts, in each view, what has changed in some days since folds that are known.

    Returns:
        None where these are so many that everything is to be read.
    """
    if not known:
        return {view: set() for view in VIEWS}
    rows = store.fetch(
        _CHANGED,
        {**selection.parameters, "most": MOST_CHANGED},
        line=selection.owners.line,
        spans=days_among(list(known)),
        changed=numbers(known),
        known=numbers(known.values()),
    )
    at_s, was, now = selection.parameters["at"], set[str](), set[str]()
    for row in rows:
        line, begins_s = selection.apart.line(row.line_begins), row.day * DAY_S
        was.update(line.owners_within(begins_s, begins_s + DAY_S - 1))
        now.update(line.owners_within(at_s, at_s))
    is_most = len(rows) == MOST_CHANGED or 2 * max(len(was), len(now)) > len(selection.owners.names)
    return None if is_most else {"as_was": was, "as_is": now}


def _read_again(
    store: Store,
    selection: CellSelection,
    kept: ClosedDays,
    changed: Collection[int],
    touched: Mapping[View, Collection[str]],
) -> ClosedDays:
    """What is kept, with the sums of some departments read again, and of the company the days that have changed."""
    exposures = exposures_of(selection)
    company = _replaced(kept.company, company_read(store, selection, list(changed)), changed)
    lines = lines_counting_for(selection.apart, touched["as_was"], touched["as_is"], kept.at_s)
    read = days_read(store, selection.of_lines(lines)) if lines else DaysRead([], [], selection.owners)
    groups, folded = {}, {}
    for view, of in touched.items():
        others = [group for group in kept.groups[view] if group.owners[view] not in of]
        groups[view] = [*others, *(group for group in read.groups(view) if group.owners[view] in of)]
        folded[view] = {
            **{key: days for key, days in kept.folded[view].items() if key[0] not in of},
            **folded_by_department((part for part in read.daily_of(view) if part[0] in of), exposures),
            **folded_of(COMPANY, company, exposures),
        }
    return ClosedDays(kept.at_s, groups, folded, company)


def _replaced(kept: DailyByKind, read: DailyByKind, days: Iterable[int]) -> DailyByKind:
    """Sums by day, of some days those that were read."""
    gone = set(days)
    return {
        of: {**{day: total for day, total in kept.get(of, {}).items() if day not in gone}, **read.get(of, {})}
        for of in kept.keys() | read.keys()
    }
