"""Days that are read folded: what they add to figures.

Of departments they are sums over days, not by day: with a thousand departments those would be a million numbers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from metrics.catalogue import HORIZONS, Horizon
from metrics.figures.balances import VIEWS, Group, View
from metrics.figures.daily import whole_days
from metrics.figures.folded import (
    Daily,
    DailyByKind,
    DailyPart,
    Folded,
    folded_by_department,
    folded_of,
    totals_by_kind,
)
from metrics.registry import COMPANY
from streams.figures.groups import GroupSums, MinuteSums, closed_groups, daily_by_horizon, of_departments
from streams.figures.ownership import Owners
from streams.figures.selection import DAYS, CellSelection, days_among
from streams.store.client import Store
from streams.store.statements import Row, query


class CompanySums(Row):
    """Sums by day of a kind; three lists of one length."""

    kind: str
    days: list[int]
    short: list[float]
    long: list[float]

    def by_horizon(self) -> dict[Horizon, Daily]:
        """The sums by day."""
        return daily_by_horizon(self.days, self.short, self.long)


class DailySums(CompanySums):
    """The same by whom they count for (streams.figures.ownership.Owners)."""

    owners: int


_OF_COMPANY: Final = query(__package__, "company_by_day", CompanySums)
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
        for row in sorted(self._by_day(), key=lambda row: self.owners.called(row.owners)[number]):
            for horizon, daily in row.by_horizon().items():
                yield self.owners.called(row.owners)[number], row.kind, horizon, daily

    def daily_of_company(self) -> DailyByKind:
        """The weighted sums by day of all departments together."""
        return _of_company(self._by_day())

    def _by_day(self) -> list[MinuteSums | DailySums]:
        return [*self.daily, *(row for row in self.sums if isinstance(row, MinuteSums))]


def company_read(store: Store, selection: CellSelection, days: Sequence[int]) -> DailyByKind:
    """The weighted sums by day of all departments together, of some folded days, read from the store."""
    rows: Sequence[CompanySums] = store.fetch(_OF_COMPANY, selection.parameters, spans=days_among(days))
    return _of_company(rows)


def _of_company(rows: Iterable[MinuteSums | CompanySums]) -> DailyByKind:
    return totals_by_kind((COMPANY, row.kind, of, daily) for row in rows for of, daily in row.by_horizon().items())


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
        company: Weighted sums by day of all departments together.
    """

    at_s: float
    groups: Mapping[View, Sequence[Group]]
    folded: Mapping[View, Folded]
    company: DailyByKind

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
        company = {
            (kind, of): {day: total * factor[of] for day, total in daily.items()}
            for (kind, of), daily in self.company.items()
        }
        return ClosedDays(at_s, groups, sums, company)


def closed_days(store: Store, selection: CellSelection, views: Sequence[View] = VIEWS) -> ClosedDays:
    """What days that are read folded add, by department, read from the store."""
    read = days_read(store, selection)
    company, exposures = read.daily_of_company(), exposures_of(selection)
    of_all = folded_of(COMPANY, company, exposures)
    return ClosedDays(
        selection.parameters["at"],
        {view: read.groups(view) for view in views},
        {view: {**folded_by_department(read.daily_of(view), exposures), **of_all} for view in views},
        company,
    )


def exposures_of(selection: CellSelection) -> dict[Horizon, Daily]:
    """The weight of each day that is read folded, at the instant."""
    at_s = selection.parameters["at"]
    return {of: whole_days(selection.folds, at_s, half_life_s) for of, half_life_s in half_lives_of(selection)}


def half_lives_of(selection: CellSelection) -> list[tuple[Horizon, float]]:
    """Half-lives by horizon, seconds."""
    return [(of, selection.parameters[f"{of}_s"]) for of in HORIZONS]
