"""What customers with several observations add, kept of the ends of days beside the recorded figures of these.

It is of use where those would count as well (streams.figures.day_states), and until an owner changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from metrics.catalogue import HORIZONS, Horizon
from metrics.durations import DAY_S
from metrics.figures.balances import VIEWS, Repeated, View
from streams.figures import day_states
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import date_of_day

Repeats = Mapping[tuple[str, str, Horizon], Repeated]
"""By department, metric and horizon."""


@dataclass(frozen=True, slots=True)
class KeptRepeats:
    """What customers added at the end of a day (epoch seconds), by view."""

    at_s: int
    repeats: Mapping[View, Repeats]


class KeptRow(Row):
    """One of a writing; without a department it only marks that one."""

    view: View
    department: str
    metric: str
    horizon: Horizon
    added: float
    sampled_one_in: int
    written: datetime


_KEPT: Final = query(__package__, "kept_repeats", KeptRow)


def before(store: Store, compiled: CompiledRegistry, at_s: float) -> KeptRepeats | None:
    """What is kept of the last midnight of UTC before an instant; None where nothing is, or it may not hold now."""
    end_s = int(at_s // DAY_S) * DAY_S
    if end_s == at_s or any(end_s < boundary <= at_s for boundary in compiled.attribution.boundaries):
        return None
    day = end_s // DAY_S - 1
    known = day_states.up_to_date(store, compiled)
    if known is None or day not in known.written:
        return None
    rows = store.fetch(_KEPT, {"day": date_of_day(day)})
    # A later writing, of which there is no note yet, may have replaced some.
    if any(row.written > known.written[day] for row in rows):
        return None
    found: dict[View, dict[tuple[str, str, Horizon], Repeated]] = {}
    for row in rows:
        if row.written == known.written[day]:
            of_view = found.setdefault(row.view, {})
            if row.department:
                of_view[row.department, row.metric, row.horizon] = Repeated(row.added, row.sampled_one_in)
    return KeptRepeats(end_s, found) if found.keys() == set(VIEWS) else None


def record_repeats(store: Store, repeats: Mapping[View, Repeats], day: date, written: datetime) -> None:
    """Writes what customers add at the end of a day, in one insert with a row that stands for all."""
    rows: list[tuple[Any, ...]] = [(view, "", "", HORIZONS[0], 0.0, 1) for view in VIEWS]
    for view in VIEWS:
        rows += [(view, *of, each.added, each.sampled_one_in) for of, each in repeats[view].items()]
    names = ("view", "department", "metric", "horizon", "added", "sampled_one_in", "day", "written")
    columns = [list(column) for column in zip(*rows, strict=True)]
    store.insert("day_repeats", names, (*columns, [day] * len(rows), [written] * len(rows)))
