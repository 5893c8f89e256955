"""Days that are read folded: what they add to figures, carried from one instant to a later one of the same day.

All their weights decay by one factor, so they are read again only where something has changed: a day was folded again,
the window has moved on by a day, or something has another owner. In between a refresh costs what is not folded yet.
Kept are their sums by department, not by day: with a thousand departments those would be a million numbers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from metrics.catalogue import HORIZONS, Horizon
from metrics.figures.balances import VIEWS, Group, View
from metrics.figures.daily import whole_days
from metrics.figures.folded import Daily, DailyPart, Folded, folded_by_department
from streams.figures.groups import GroupSums, MinuteSums, closed_groups, daily_by_horizon, of_departments
from streams.figures.ownership import Owners
from streams.figures.selection import DAYS, CellSelection
from streams.store.client import Store
from streams.store.statements import Row, query


class DailySums(Row):
    """Sums by day of a kind by whom they count for (streams.figures.ownership.Owners); three lists of one length."""

    owners: int
    kind: str
    days: list[int]
    short: list[float]
    long: list[float]

    def by_horizon(self) -> dict[Horizon, Daily]:
        """The sums by day."""
        return daily_by_horizon(self.days, self.short, self.long)


_BY_DAY: Final = query(__package__, "daily_by_day", DailySums, days=DAYS)


@dataclass(frozen=True, slots=True)
class DaysRead:
    """What days that are read folded add to the figures of an instant, day by day.

    Attributes:
        sums: Their sums by whom they count for, with sums by day of what is read by minute.
        daily: Their other weighted sums by day.
        owners: Whom they count for.
    """

    sums: Sequence[GroupSums]
    daily: Sequence[DailySums]
    owners: Owners

    def groups(self, view: View) -> list[Group]:
        """Their sums of each department and kind."""
        return of_departments(self.sums, self.owners, view)

    def daily_of(self, view: View) -> Iterator[DailyPart]:
        """The weighted sums by day, those of a department next to each other."""
        number = VIEWS.index(view)
        read: list[MinuteSums | DailySums] = [*self.daily, *(row for row in self.sums if isinstance(row, MinuteSums))]
        for row in sorted(read, key=lambda row: self.owners.called(row.owners)[number]):
            for horizon, daily in row.by_horizon().items():
                yield self.owners.called(row.owners)[number], row.kind, horizon, daily


def days_read(store: Store, selection: CellSelection) -> DaysRead:
    """What days that are read folded add, read from the store."""
    daily = store.fetch(_BY_DAY, selection.parameters, **selection.of_days()) if selection.folds else []
    return DaysRead(closed_groups(store, selection), daily, selection.owners)


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """What days that are read folded add to the figures of an instant, by department.

    Attributes:
        at_s: The instant, epoch seconds.
        groups: Their sums, by view: of each department and kind.
        folded: What intervals take of them, by view.
    """

    at_s: float
    groups: Mapping[View, Sequence[Group]]
    folded: Mapping[View, Folded]

    def carried(self, at_s: float, half_lives: Iterable[tuple[Horizon, float]]) -> "ClosedDays":
        """The same at another instant of the same day."""
        factor = {of: 2.0 ** -((at_s - self.at_s) / half_life_s) for of, half_life_s in half_lives}
        groups = {
            view: [
                Group(group.owners, group.kind, {of: sums.decayed(factor[of]) for of, sums in group.sums.items()})
                for group in of_view
            ]
            for view, of_view in self.groups.items()
        }
        sums = {
            view: {of: days.decayed(factor[of[2]]) for of, days in of_view.items()}
            for view, of_view in self.folded.items()
        }
        return ClosedDays(at_s, groups, sums)


def closed_days(store: Store, selection: CellSelection, views: Sequence[View] = VIEWS) -> ClosedDays:
    """What days that are read folded add, by department, read from the store."""
    at_s, read = selection.parameters["at"], days_read(store, selection)
    exposures = {of: whole_days(selection.folds, at_s, half_life_s) for of, half_life_s in _half_lives(selection)}
    return ClosedDays(
        at_s,
        {view: read.groups(view) for view in views},
        {view: folded_by_department(read.daily_of(view), exposures) for view in views},
    )


def _half_lives(selection: CellSelection) -> list[tuple[Horizon, float]]:
    return [(of, selection.parameters[f"{of}_s"]) for of in HORIZONS]


class KeptClosedDays:
    """The last that was read, for whoever asks again and again about instants close to each other."""

    def __init__(self) -> None:
        self._of: Any = None
        self._kept: ClosedDays | None = None

    def at(self, store: Store, selection: CellSelection) -> ClosedDays:
        """What days that are read folded add: carried from the last instant where nothing else has changed."""
        half_lives = _half_lives(selection)
        of = (selection.folds, half_lives, selection.owners)
        if self._kept is None or self._of != of:
            self._kept, self._of = None, None  # what is kept goes before the next is read: memory for one
            self._kept, self._of = closed_days(store, selection), of
            return self._kept
        return self._kept.carried(selection.parameters["at"], half_lives)
