"""Days that are read folded: what they add to figures, carried from one instant to a later one of the same day.

All their weights decay by one factor, so they are read again only where something has changed: a day was folded again,
the window has moved on by a day, or something has another owner. In between a refresh costs what is not folded yet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from metrics.catalogue import HORIZONS, Horizon
from metrics.figures.balances import VIEWS, Group, View
from metrics.figures.formulas import Daily
from metrics.figures.sums import Sums
from streams.figures.groups import closed_groups
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


_BY_DAY: Final = query(__package__, "daily_by_day", DailySums, days=DAYS)


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """What days that are read folded add to the figures of an instant.

    Attributes:
        at_s: The instant, epoch seconds.
        groups: Their sums by whom they count for.
        daily: Their weighted sums by day.
        owners: Whom the latter count for.
    """

    at_s: float
    groups: Sequence[Group]
    daily: Sequence[DailySums]
    owners: Owners

    def daily_of(self, view: View) -> Iterator[tuple[str, str, Horizon, Daily]]:
        """The weighted sums by day: department, kind and horizon."""
        for row in self.daily:
            owner = self.owners.called(row.owners)[VIEWS.index(view)]
            for horizon, sums in zip(HORIZONS, (row.short, row.long), strict=True):
                yield owner, row.kind, horizon, dict(zip(row.days, sums, strict=True))

    def carried(self, at_s: float, half_lives: dict[Horizon, float]) -> "ClosedDays":
        """The same at another instant of the same day."""
        factor = {of: 2.0 ** -((at_s - self.at_s) / half_life_s) for of, half_life_s in half_lives.items()}
        groups = [
            replace(
                group,
                sums={of: _scaled(sums, factor[of]) for of, sums in group.sums.items()},
                daily=_days(group, factor),
            )
            for group in self.groups
        ]
        short, long = factor["short"], factor["long"]
        daily = [
            DailySums(row.owners, row.kind, row.days, [w * short for w in row.short], [w * long for w in row.long])
            for row in self.daily
        ]
        return ClosedDays(at_s, groups, daily, self.owners)


def _scaled(sums: Sums, factor: float) -> Sums:
    square = factor * factor
    return Sums(
        sums.n, sums.w * factor, sums.w2 * square, sums.trials * square, sums.sizes * factor, sums.promoters * factor,
        sums.detractors * factor, sums.satisfied * factor, sums.score * factor, sums.score_sq * factor, sums.first,
        sums.last,
    )  # fmt: skip


def _days(group: Group, factor: dict[Horizon, float]) -> dict[Horizon, Daily]:
    return {of: {day: total * factor[of] for day, total in daily.items()} for of, daily in group.daily.items()}


def closed_days(store: Store, selection: CellSelection) -> ClosedDays:
    """What days that are read folded add, read from the store."""
    daily = store.fetch(_BY_DAY, selection.parameters, **selection.of_days()) if selection.folds else []
    return ClosedDays(selection.parameters["at"], closed_groups(store, selection), daily, selection.owners)


class KeptClosedDays:
    """The last that was read, for whoever asks again and again about instants close to each other."""

    def __init__(self) -> None:
        self._of: Any = None
        self._kept: ClosedDays | None = None

    def at(self, store: Store, selection: CellSelection) -> ClosedDays:
        """What days that are read folded add: carried from the last instant where nothing else has changed."""
        half_lives: dict[Horizon, float] = {of: selection.parameters[f"{of}_s"] for of in HORIZONS}
        of = (selection.folds, half_lives, selection.owners)
        if self._kept is None or self._of != of:
            self._kept, self._of = closed_days(store, selection), of
            return self._kept
        return self._kept.carried(selection.parameters["at"], half_lives)
