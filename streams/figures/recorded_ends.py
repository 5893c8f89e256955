"""Recorded figures of the ends of days, where they are those that a computation would give now.

They are while the folds of all days up to theirs are those that they reflect, and the rules of ownership and half-lives
are those they were computed under. A day without an up-to-date fold may have changed: from it on nothing is read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from metrics.catalogue import METRICS, Horizon
from metrics.durations import DAY_S
from metrics.figures.balances import Balance, View
from streams.figures import day_states, edition, repeats
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import date_of_day, from_epoch


class RecordedFigure(Row):
    """A figure of the end of a day (since 1970-01-01), of one writing; without a department it only marks that one."""

    day_number: int
    department: str
    metric: str
    horizon: Horizon
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    n_eff: float
    suppressed: str
    first_at: datetime | None
    last_at: datetime | None
    sampled_one_in: int
    written: datetime


_FIGURES: Final = query(__package__, "recorded_ends", RecordedFigure)


def recorded(
    store: Store, compiled: CompiledRegistry, view: View, instants: Sequence[int], department: str | None = None
) -> dict[int, list[Balance]]:
    """What is recorded of some instants and equals what `snapshot.compute` gives of them.

    Args:
        store: The store.
        compiled: The registry.
        view: Who a group counts for.
        instants: Epoch seconds; those at midnight of UTC may be recorded.
        department: Whose figures; None for those of all.

    Returns:
        Figures by instant, of each metric that had an observation by then; an instant that is not recorded is absent.

    Raises:
        BeingRenewed: Cells are still of an earlier edition.
    """
    edition.require(store)
    ends = [at_s for at_s in instants if at_s % DAY_S == 0]
    # Of so many answers a part stands for all, and which one changes with their number.
    if not ends or repeats.one_in_counted(store):
        return {}
    known = day_states.up_to_date(store, compiled)
    if known is None:
        return {}
    ends_written = {day: known.written[day] for day in (at_s // DAY_S - 1 for at_s in ends) if day in known.written}
    before: dict[int, list[Balance]] = {at_s: [] for at_s in ends if at_s <= known.first * DAY_S}
    return before | _figures(store, view, ends_written, department) if ends_written else before


def _figures(
    store: Store, view: View, written: Mapping[int, datetime], department: str | None
) -> dict[int, list[Balance]]:
    rows = store.fetch(
        _FIGURES,
        {"view": view, "department": department or "", "dates": [date_of_day(day) for day in written]},
    )
    by_day: dict[int, dict[tuple[str, str, Horizon], RecordedFigure]] = {day: {} for day in written}
    doubtful: set[int] = set()
    for row in rows:
        if row.written == written[row.day_number]:
            by_day[row.day_number][row.department, row.metric, row.horizon] = row
        # A later writing, of which there is no note yet, may have replaced some; a sample may be another one now.
        if row.written > written[row.day_number] or row.sampled_one_in > 1:
            doubtful.add(row.day_number)
    return {
        (day + 1) * DAY_S: _balances(found.values(), view, (day + 1) * DAY_S)
        for day, found in by_day.items()
        if day not in doubtful and _is_whole(found)
    }


def _is_whole(rows: Collection[tuple[str, str, Horizon]]) -> bool:
    return any(department == "" for department, _, _ in rows)


def _balances(rows: Iterable[RecordedFigure], view: View, at_s: int) -> list[Balance]:
    return [
        Balance(
            from_epoch(at_s), view, row.department, row.metric, METRICS[row.metric].term, row.horizon, row.value,
            row.ci_low, row.ci_high, row.n, row.n_eff, row.suppressed, row.first_at, row.last_at, row.sampled_one_in,
        )
        for row in rows
        if row.department
    ]  # fmt: skip
