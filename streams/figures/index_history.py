"""Indices at past instants, of every department at once: the scorecards of each instant, from one reading of cells."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from metrics.catalogue import HORIZONS, METRICS
from metrics.durations import DAY_S
from metrics.figures.balances import Balance, View
from metrics.figures.scorecards import Scorecard, scorecards
from metrics.registry import COMPANY
from streams.figures import snapshot
from streams.figures.ownership import owners_over
from streams.figures.recorded_ends import recorded
from streams.figures.trend_selection import NOTHING_CALLED, select_trend
from streams.figures.trends import TrendRun, figures_of
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import from_epoch

STEP: Final = timedelta(days=7)


def weekly_instants(at: datetime, weeks: int) -> list[int]:
    """The last midnight of UTC up to an instant, and those of so many weeks before; epoch seconds, ascending.

    Midnights, because whole folded days are read then; the same day of the week, so that its rhythm is no trend.

    >>> weekly_instants(datetime.fromisoformat("2026-03-16T12:00:00Z"), 1)
    [1773014400, 1773619200]
    """
    last_s = int(at.timestamp()) // DAY_S * DAY_S
    week_s = int(STEP.total_seconds())
    return [last_s - back * week_s for back in range(weeks, -1, -1)]


def history(store: Store, compiled: CompiledRegistry, instants: Sequence[int], view: View) -> list[Scorecard]:
    """The scorecards of some instants: each is what `snapshot.compute` gives for its instant.

    Args:
        store: The store.
        compiled: The registry: at each instant those of its targets count that are in force.
        instants: Whole minutes, epoch seconds, ascending, at least one.
        view: Who a group counts for.

    Returns:
        Ordered by instant and department.

    Raises:
        BeingRenewed: Cells are still of an earlier edition.
    """
    kept = recorded(store, compiled, view, instants)
    rest = [at_s for at_s in instants if at_s not in kept]
    found: defaultdict[datetime, list[Balance]] = defaultdict(list)
    computed = _alone(store, compiled, rest, view) if len(rest) <= 1 else _figures(store, compiled, rest, view)
    for figure in chain(*kept.values(), computed):
        if METRICS[figure.metric].term == figure.horizon:
            found[figure.at].append(figure)
    targets_at = compiled.registry.targets_at
    return [card for at in sorted(found) for card in scorecards(found[at], targets_at(at.timestamp()))]


def _alone(store: Store, compiled: CompiledRegistry, instants: Sequence[int], view: View) -> list[Balance]:
    """Figures of at most one instant: both horizons at once."""
    return [figure for at_s in instants for figure in snapshot.moment(store, compiled, from_epoch(at_s), view).balances]


def _figures(store: Store, compiled: CompiledRegistry, instants: Sequence[int], view: View) -> list[Balance]:
    """Figures of each metric on the horizon of its term: the others are on no scorecard."""
    horizons = compiled.registry.horizons
    figures: list[Balance] = []
    for counted_as in (str, lambda _: COMPANY):
        owners = owners_over(compiled.attribution, view, instants, counted_as)
        for horizon in HORIZONS:
            metrics = [metric for metric in METRICS.values() if metric.term == horizon]
            kinds = {kind for metric in metrics for kind in metric.kinds}
            selection = select_trend(store, instants, horizon, kinds, owners, horizons)
            wanted = TrendRun([metric.name for metric in metrics], horizon, view, instants, horizons)
            figures += [figure for figure, _ in figures_of(store, wanted, selection, NOTHING_CALLED)]
    return figures
