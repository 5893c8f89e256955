"""Figures for an instant, read from the store: what the refresher shows, the API answers and the commands print."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from metrics.catalogue import HORIZONS, Horizon, Term
from metrics.figures.balances import VIEWS, Balance, ByOwner, Moment, View, balances
from metrics.figures.plan import ToPlan, to_plans
from metrics.figures.scorecards import Scorecard, scorecards
from metrics.registry import Registry
from streams.figures import kept_repeats
from streams.figures.by_owner import daily_by_owner, of_groups
from streams.figures.closed_days import closed_days, days_read
from streams.figures.edition import EDITION
from streams.figures.groups import open_groups
from streams.figures.kept_days import KeptClosedDays
from streams.figures.kept_repeats import Repeats
from streams.figures.minutes import refreshed_upto
from streams.figures.repeats import repeat_rows, repeats_of_owners
from streams.figures.selection import CellSelection, select
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import EPOCH, rfc3339, sql_microsecond

NOT_STORED: Final = (
    *(f"{term}_{name}" for term in HORIZONS for name in ("metrics", "targets", "ci_low", "ci_high", "n_eff")),
    "behind",
    "ahead",
)
"""Fields of a scorecard that no table has: what its indices rest on, how well they are known, what is off its plan."""
GONE: Final = 0
"""The edition of a row that an earlier writing of its instant left and the last one has not: no view shows it."""
ROWS_CARRIED: Final = 50_000
"""Of so many answers of customers with several, reading all costs less than to learn what may be carried on."""


class RecordedBalance(Row):
    """Of what a figure is recorded."""

    view: View
    department: str
    metric: str
    term: Term
    horizon: Horizon


class RecordedScorecard(Row):
    """Of what indices are recorded."""

    view: View
    department: str


_BALANCES_AT: Final = query(__package__, "balances_at", RecordedBalance)
_SCORECARDS_AT: Final = query(__package__, "scorecards_at", RecordedScorecard)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All figures at one instant. Never changed: whoever holds it may read it at leisure.

    Attributes:
        at: The instant.
        balances: Rows by view.
        scorecards: Rows by view.
        version: The registry's version.
        repeats: What customers with several observations add to W2, in both views: the figures of the day that
            follows may go on from it.
    """

    at: datetime
    balances: Mapping[View, Sequence[Balance]]
    scorecards: Mapping[View, Sequence[Scorecard]]
    version: str
    repeats: Mapping[View, Repeats] = field(default_factory=dict)


def compute(
    store: Store,
    compiled: CompiledRegistry,
    at: datetime,
    views: Sequence[View] = VIEWS,
    *,
    live: bool = False,
    closed: KeptClosedDays | None = None,
) -> Snapshot:
    """The figures at an instant under a registry, whatever the number of views.

    Args:
        store: The store.
        compiled: The registry.
        at: The instant.
        views: Which views.
        live: Whether what has landed of the open minute counts; else the minutes that are over at the instant do.
        closed: What was read last of days that are folded; None to read them.

    Raises:
        BeingRenewed: Cells are still of an earlier edition.
    """
    selection = _selected(store, compiled, at, live=live)
    folded = closed.at(store, selection) if closed else closed_days(store, selection, views)
    groups = open_groups(store, selection)
    repeats = _repeats(store, compiled, selection, has_any=bool(groups) or any(folded.groups.values()))
    rows: dict[View, list[Balance]] = {}
    for view in views:
        beside = ByOwner(daily_by_owner(of_groups(groups, view)), repeats.get(view, {}), folded.folded[view])
        sums = [*groups, *folded.groups[view]]
        rows[view] = balances(sums, beside, compiled.registry.horizons, at.timestamp(), view)
    cards = {view: scorecards(rows[view], compiled.registry.targets_at(at.timestamp())) for view in views}
    return Snapshot(at, rows, cards, compiled.registry.version, repeats)


def moment(store: Store, compiled: CompiledRegistry, at: datetime, view: View = "as_was") -> Moment:
    """The figures at an instant in one view, with the sums by day behind them.

    Raises:
        BeingRenewed: Cells are still of an earlier edition.
    """
    selection, at_s = _selected(store, compiled, at, live=False), at.timestamp()
    read, groups = days_read(store, selection), open_groups(store, selection)
    sums = [*groups, *read.groups(view)]
    repeats = _repeats(store, compiled, selection, has_any=bool(sums))
    beside = ByOwner(daily_by_owner([*of_groups(groups, view), *read.daily_of(view)]), repeats.get(view, {}))
    return Moment(at_s, balances(sums, beside, compiled.registry.horizons, at_s, view), beside.daily)


def _selected(store: Store, compiled: CompiledRegistry, at: datetime, *, live: bool) -> CellSelection:
    return select(store, at.timestamp(), compiled.attribution, compiled.registry.horizons, live=live)


def _repeats(
    store: Store, compiled: CompiledRegistry, selection: CellSelection, *, has_any: bool
) -> Mapping[View, Repeats]:
    """What customers add, in both views; nothing where there is no observation at all."""
    if not has_any:
        return {}
    at_s = selection.parameters["at"]
    kept = kept_repeats.before(store, compiled, at_s) if repeat_rows(store) > ROWS_CARRIED else None
    return repeats_of_owners(store, selection, kept)


def record(store: Store, compiled: CompiledRegistry, at: datetime, closed: KeptClosedDays | None = None) -> Snapshot:
    """Computes the figures at an instant, of minutes that are over then, and writes them to their tables."""
    reflects = refreshed_upto(store) or EPOCH  # before they are read: what lands meanwhile may be missing
    taken = compute(store, compiled, at, closed=closed)
    save(store, taken, reflects)
    return taken


def save(store: Store, snapshot: Snapshot, reflects: datetime = EPOCH) -> None:
    """Writes a snapshot to the tables `balances` and `scorecards`, in place of what they have of its instant.

    Args:
        store: The store.
        snapshot: The figures.
        reflects: Up to which version they reflect facts.
    """
    at, same = {"at": sql_microsecond(snapshot.at)}, {"registry_version": snapshot.version}
    recorded = [
        Balance(snapshot.at, row.view, row.department, row.metric, row.term, row.horizon, None, None, None, 0, 0.0, "")
        for row in store.fetch(_BALANCES_AT, at)
    ]
    rows = [row for view in snapshot.balances.values() for row in view]
    _save(store, "balances", rows, recorded, same | {"reflects": reflects})
    cards = [
        Scorecard(snapshot.at, row.view, row.department, None, None, None, None, None, None)
        for row in store.fetch(_SCORECARDS_AT, at)
    ]
    _save(store, "scorecards", [row for view in snapshot.scorecards.values() for row in view], cards, same)


def _save(
    store: Store,
    table: str,
    rows: Sequence[Balance | Scorecard],
    recorded: Sequence[Balance | Scorecard],
    same: Mapping[str, Any],
) -> None:
    """Writes rows, and that what was recorded and is not among them is gone, in one insert: nobody reads a mixture."""
    keys = {_key(row) for row in rows}
    gone = [row for row in recorded if _key(row) not in keys]
    written = [*rows, *gone]
    if written:
        names = [field.name for field in fields(written[0]) if field.name not in NOT_STORED]
        data = [[getattr(row, name) for row in written] for name in names]
        edition = [EDITION] * len(rows) + [GONE] * len(gone)
        constant = [[value] * len(written) for value in same.values()]
        store.insert(table, [*names, *same, "edition"], [*data, *constant, edition])


def _key(row: Balance | Scorecard) -> tuple[str, ...]:
    return (row.view, row.department, *((row.metric, row.horizon) if isinstance(row, Balance) else ()))


def as_json(rows: Sequence[Balance | Scorecard]) -> list[dict[str, Any]]:
    """Rows as JSON-ready objects with the columns of their table, and NOT_STORED; instants as RFC 3339 in UTC."""
    return list(_columns_by_name(rows))


def figures_as_json(rows: Sequence[Balance], registry: Registry) -> list[dict[str, Any]]:
    """Figures as JSON-ready objects: the columns of `balances`, and their distance to the targets of a registry."""
    plans = _columns_by_name(list(to_plans(rows, registry)))
    return [row | plan for row, plan in zip(_columns_by_name(rows), plans, strict=True)]


def _columns_by_name(rows: Sequence[Balance | Scorecard | ToPlan]) -> Iterator[dict[str, Any]]:
    # Not `asdict`, which looks into each value for more to copy: ten times as long, and companies have 14,000 rows.
    if rows:
        names = [field.name for field in fields(rows[0])]
        values_of = attrgetter(*names)
        for row in rows:
            yield {
                name: rfc3339(value) if isinstance(value, datetime) else value
                for name, value in zip(names, values_of(row), strict=True)
            }
