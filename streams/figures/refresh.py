"""The refresher: facts that have landed -> cells -> figures -> what Prometheus and the API show.

One worker of the group does it: the one that holds partition 0. If two do it for a moment nothing
breaks, for each step gives the same result again.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from metrics.durations import MINUTE_S
from streams.figures import days, snapshot
from streams.figures import minutes as cells
from streams.figures.batches import MINUTES_AT_ONCE
from streams.figures.day_snapshots import PastDays
from streams.figures.kept_days import KeptClosedDays
from streams.figures.names import over_limit
from streams.figures.reconcile import hidden_copies, landed_minutes, mismatched
from streams.figures.snapshot import Snapshot
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.runtime.periodic import run_while_elected
from streams.settings.settings import RefreshSettings
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.damage import damaged
from streams.timestamps import from_epoch

logger = logging.getLogger(__name__)

OVERLAP: Final = timedelta(seconds=3)
SWEEP: Final = timedelta(minutes=5)
SWEEP_EVERY_S: Final = 60.0
RECONCILE_EVERY_S: Final = 60.0
RECONCILED: Final = timedelta(hours=1)
SETTLING: Final = timedelta(minutes=2)
"""The last minutes of an hour by the clock are still being refreshed."""

REFRESH_FOR_S: Final = 5.0
"""How long one refresh recomputes cells before it shows figures; what is left, the oldest, waits for the next."""

FOLD_FOR_S: Final = 2.0
"""How long one refresh folds closed days; what is left waits for the next, and is read by minute until then."""

RECORDED_AFTER_S: Final = 10.0
"""Figures of a whole minute are recorded so much later: what landed until then of the minutes before is in them."""

IDLE_EVERY_S: Final = 10.0
"""Figures decay with time: without any new fact they are computed this often."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether what is computed agrees with the facts it is computed from.

    Attributes:
        mismatched: Minutes whose cells differ from a recount.
        copies: Stored copies of facts that FINAL hides.
    """

    mismatched: int
    copies: int


class Refresher:
    """Keeps cells, figures and snapshots up to date while `elected` says so."""

    def __init__(
        self, store: Store, registry_watcher: RegistryWatcher, settings: RefreshSettings, elected: Callable[[], bool]
    ) -> None:
        self._store = store
        self._registry_watcher = registry_watcher
        self._settings = settings
        self._elected = elected
        self._changes = cells.Changes(store)
        self.past_days = PastDays(store)
        self._turn = threading.Lock()
        self._closed = KeptClosedDays()
        self._swept_s = self._recorded_s = self._computed_s = float("-inf")
        self._computed_under: CompiledRegistry | None = None
        self._unfolded = True
        self._reconciled_s = time.monotonic()
        self.latest: Snapshot | None = None
        self.agreement = Agreement(0, 0)
        self.names_over_limit: Mapping[str, int] = {}
        """How many names of the last day count as others, by dimension."""
        self.damaged: Mapping[str, int] | None = {}
        """How many parts are damaged, by table; None where that cannot be read."""

    @property
    def clock_behind_s(self) -> float:
        """How far the store's clock was behind the greatest version at the last look, seconds; 0 if not elected."""
        return self._changes.behind_s

    async def run(self) -> None:
        """Refreshes at every interval, until cancelled. An error ends it: figures must not silently stand still."""
        await run_while_elected(
            "refresh",
            self._refresh_and_reconcile,
            elected=self._elected,
            withdraw=self._withdraw,
            pause_s=lambda _: self._settings.interval_s,
            survives_errors=False,
        )

    def _refresh_and_reconcile(self) -> None:
        self.refresh(time.monotonic())
        if time.monotonic() - self._reconciled_s >= RECONCILE_EVERY_S:
            self.agreement = self.reconcile()
            names = self._registry_watcher.current.names
            self.names_over_limit = over_limit(self._store, names, store_time(self._store))
            found = damaged(self._store)
            self.damaged = None if found is None else {damage.table: damage.parts for damage in found}
            self._reconciled_s = time.monotonic()

    def _withdraw(self) -> None:
        self.latest = None  # another worker's figures are newer
        self.names_over_limit, self.damaged = {}, {}
        self._changes, self.past_days = cells.Changes(self._store), PastDays(self._store)  # and it knows what is due

    def refresh(self, now_s: float, now: datetime | None = None) -> Snapshot | None:
        """One refresh: the figures of now, or None while cells of an earlier edition are computed again.

        Args:
            now_s: A clock that only counts on, seconds: it decides what is due.
            now: The instant of the figures; None for what our clock shows.
        """
        with self._turn:  # the last one, when a worker stops, may begin while another is still under way in its thread
            return self._refresh(now_s, now)

    def _refresh(self, now_s: float, now: datetime | None) -> Snapshot | None:
        changed = self._refresh_cells(now_s)
        if self._changes.renewing:
            return None
        compiled, latest = self._registry_watcher.current, self.latest
        decayed = now_s - self._computed_s >= IDLE_EVERY_S
        stale = latest is None or changed or decayed or compiled is not self._computed_under
        if stale or self._unfolded:
            self._fold_days(compiled)
        if latest is None or stale:
            at = now or datetime.now(UTC)
            at = at.replace(microsecond=at.microsecond // 1000 * 1000)  # as tables keep it
            self.latest = latest = snapshot.compute(self._store, compiled, at, live=True, closed=self._closed)
            self._computed_s, self._computed_under = now_s, compiled
        self._record(compiled, now or datetime.now(UTC))
        if not self._unfolded and not self._changes.waiting():
            self.past_days.go_on(compiled, now_s)
        return latest

    def _record(self, compiled: CompiledRegistry, now: datetime) -> None:
        """Writes the figures of the last whole minute that has settled, if they are due.

        They are those of minutes that are over, as whoever asks for that instant is told: for ever, unless late facts
        come.
        """
        at = from_epoch(int(now.timestamp() - RECORDED_AFTER_S) // MINUTE_S * MINUTE_S)
        if at.timestamp() - self._recorded_s >= max(MINUTE_S, self._settings.snapshot_s):
            snapshot.record(self._store, compiled, at, self._closed)
            self._recorded_s = at.timestamp()

    def reconcile(self) -> Agreement:
        """Whether cells equal a recount of facts, and how many copies FINAL hides.

        Compared are the minutes in which facts landed last, whenever they occurred, and those of the last hour by our
        clock: without those that are known to be computed again.
        """
        changes, last = self._changes, datetime.now(UTC).replace(second=0, microsecond=0) - SETTLING
        # What landed so lately the next look finds in any case, as it finds what was landing at the last one.
        settled = changes.seen(OVERLAP.total_seconds()) if changes.looked else None
        landed, unsettled = landed_minutes(self._store, changes.seen(RECONCILED.total_seconds()), settled)
        hour = cells.minutes_between(self._store, last - RECONCILED, last)
        minutes = landed.union(hour) - unsettled - changes.waiting()
        return Agreement(len(mismatched(self._store, minutes)), hidden_copies(self._store, last - RECONCILED))

    def _fold_days(self, compiled: CompiledRegistry) -> None:
        began_s, self._unfolded = time.monotonic(), False
        for done, due in days.fold(self._store, compiled.registry.horizons):
            self._unfolded = done < due
            if time.monotonic() - began_s > FOLD_FOR_S and self._unfolded:
                logger.info("folded %d of %d days", done, due)
                break

    def _refresh_cells(self, now_s: float) -> int:
        # An insert is dated when it begins and visible when it ends. The short look back finds all but the slowest;
        # the sweep finds those.
        sweep = now_s - self._swept_s >= SWEEP_EVERY_S
        minutes, began_s = 0, time.monotonic()
        self._changes.look(OVERLAP, SWEEP if sweep else timedelta(0), now_s)
        for done, minutes in self._changes.recompute():
            if minutes > MINUTES_AT_ONCE:
                logger.info("refresh: %d of %d minutes, the newest first", done, minutes)
            if time.monotonic() - began_s > REFRESH_FOR_S and done < minutes:
                break
        if sweep:
            self._swept_s = now_s
        return minutes
