"""Groups: the decayed sums of all cells up to an instant, by day where that is exact and by minute where not."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Final

from metrics.catalogue import HORIZONS, Horizon
from metrics.figures.balances import VIEWS, Group, View
from metrics.figures.folded import Daily
from metrics.figures.sums import Sums
from streams.figures.ownership import Owners
from streams.figures.selection import CELLS, DAYS, CellSelection
from streams.store.client import Store
from streams.store.statements import Row, query


class GroupSums(Row):
    """Sums of the cells of a kind that count for the same departments (streams.figures.ownership.Owners).

    The fields after it are those of metrics.figures.sums.Sums, for each horizon.
    """

    owners: int
    kind: str
    first_s: int
    last_s: int
    short_n: int
    long_n: int
    short_w: float
    short_w2: float
    short_trials: float
    short_sizes: float
    short_promoters: float
    short_detractors: float
    short_satisfied: float
    short_score: float
    short_score_sq: float
    long_w: float
    long_w2: float
    long_trials: float
    long_sizes: float
    long_promoters: float
    long_detractors: float
    long_satisfied: float
    long_score: float
    long_score_sq: float


class MinuteSums(GroupSums):
    """The same with weighted sums by day: three lists of one length."""

    days: list[int]
    short_daily: list[float]
    long_daily: list[float]

    def by_horizon(self) -> dict[Horizon, Daily]:
        """The sums by day."""
        return daily_by_horizon(self.days, self.short_daily, self.long_daily)


def daily_by_horizon(days: Sequence[int], short: Sequence[float], long: Sequence[float]) -> dict[Horizon, Daily]:
    """Sums by day, of three lists of one length."""
    return {horizon: dict(zip(days, sums, strict=True)) for horizon, sums in zip(HORIZONS, (short, long), strict=True)}


_NUMBERS: Final = attrgetter(*GroupSums.__struct_fields__[2:])  # the first two of them are not added
_BY_MINUTE: Final = query(__package__, "groups_by_minute", MinuteSums, cells=CELLS)
_BY_DAY: Final = query(__package__, "groups_by_day", GroupSums, days=DAYS)


def open_groups(store: Store, selection: CellSelection) -> list[Group]:
    """Sums of the cells of days that are not read folded, by whom they count for."""
    rows = store.fetch(_BY_MINUTE, {**selection.parameters, "of_cut_days": 0}, **selection.of_minutes())
    return [_group(row, *selection.owners.called(row.owners)) for row in rows]


def closed_groups(store: Store, selection: CellSelection) -> list[GroupSums]:
    """Sums of the days that are read folded.

    Returns:
        The same departments may occur more than once with a kind, by day and by minute: the parts add up.
    """
    rows: list[GroupSums] = []
    if selection.folds:
        rows += store.fetch(_BY_DAY, selection.parameters, **selection.of_days())
    if selection.cut:
        parameters = {**selection.parameters, "of_cut_days": 1}
        cut = store.fetch(_BY_MINUTE, parameters, **selection.of_cut_minutes())
        rows.extend(cut)
    return rows


def of_departments(rows: Iterable[GroupSums], owners: Owners, view: View) -> list[Group]:
    """The same in one view, of each department and kind: a department may have had what thousands have now."""
    # Added as they are read: to make Sums of thousands of rows, and merge these, takes four times as long.
    parts: defaultdict[tuple[str, str], list[tuple[float, ...]]] = defaultdict(list)
    for row in rows:
        owner = owners.called(row.owners)[VIEWS.index(view)]
        parts[owner, row.kind].append(_NUMBERS(row))
    return [_together(owner, kind, view, every) for (owner, kind), every in parts.items()]


def _together(owner: str, kind: str, view: View, parts: Iterable[tuple[float, ...]]) -> Group:
    firsts, lasts, *added = zip(*parts, strict=True)
    sums = GroupSums(0, kind, min(firsts), max(lasts), *map(sum, added))
    return Group({view: owner}, kind, _sums(sums))


def _group(row: MinuteSums, was: str, now: str) -> Group:
    return Group({"as_was": was, "as_is": now}, row.kind, _sums(row), row.by_horizon())


def _sums(row: GroupSums) -> dict[Horizon, Sums]:
    short = Sums(
        row.short_n, row.short_w, row.short_w2, row.short_trials, row.short_sizes, row.short_promoters,
        row.short_detractors, row.short_satisfied, row.short_score, row.short_score_sq, row.first_s, row.last_s,
    )  # fmt: skip
    long = Sums(
        row.long_n, row.long_w, row.long_w2, row.long_trials, row.long_sizes, row.long_promoters,
        row.long_detractors, row.long_satisfied, row.long_score, row.long_score_sq, row.first_s, row.last_s,
    )  # fmt: skip
    return {"short": short, "long": long}
