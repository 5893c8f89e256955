"""The watcher: at its own interval, cells -> steps -> detectors -> the table `drift` and the series.

All of it can be dropped and computed again. What is kept in memory is where detectors stood a day ago: a look takes
them from there, and from the beginning only when something older has changed.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from metrics.drift.baselines import Baseline
from metrics.drift.detection import Alarm, Detection, DetectionPolicy, Pair, detect, shares_of
from metrics.drift.subjects import SUBJECTS
from metrics.drift.volumes import DaySums, PackedDays, days_of
from metrics.durations import DAY_S, MINUTE_S
from streams.drift import extent, observations, repository
from streams.drift.alerts import AlertTextCache, AlertTexts, alert_texts
from streams.drift.baselines import make_baselines
from streams.drift.data_quality import DataQuality, States, quality_and_facts
from streams.drift.observations import Observed
from streams.drift.ownership import explained_by
from streams.figures import minutes
from streams.figures.registry_in_force import department_names
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.runtime.periodic import run_while_elected
from streams.store.client import Store
from streams.store.versions import Watermarks
from streams.timestamps import EPOCH

BUDGET_S: Final = 30 * DAY_S
"""The alarms of so long are compared with the alert budget of a month."""
SETTLED: Final = timedelta(hours=1)
QUIET: Final = timedelta(seconds=10)
BULK_FACTS: Final = 500
"""So many facts older than SETTLED within QUIET are a history being published: of half of it no baseline is made."""
WAITING_S: Final = 2.0
"""How often the watcher looks whether all of a history is there."""
WHOLE_EVERY_S: Final = 3_600.0
WHOLE_SHARE: Final = 10.0
"""Everything is computed from the beginning at most a tenth of the time, however late events come."""
DATA_QUALITY_EVERY_S: Final = 60.0
"""How often companions are looked at, or a tenth of the time: of a thousand departments that takes seconds."""
LOOK_OVERLAP: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where detectors stood at an instant of the past (epoch seconds), and what that was computed from."""

    at_s: int
    detections: Mapping[Pair, Detection]
    days: Mapping[Pair, DaySums]
    baselines: frozenset[str]
    compiled: CompiledRegistry


@dataclass(frozen=True, slots=True)
class DriftSnapshot:
    """The result of one look.

    Attributes:
        at_s: The end of a minute, epoch seconds.
        detections: Where each detector stands then.
        budget: False alarms a month that are allowed, the whole company together.
        alarms: Alarms that began in the 30 days before, true and false ones, without those of `explained`.
        explained: Alarms of the same time that a change of ownership explains.
        explained_now: What is in alarm and so explained.
        data_quality: Which companions of drift are firing.
        texts: What alerts about both say.
        names: What departments are called, by id.
    """

    at_s: int
    detections: Mapping[Pair, Detection]
    budget: float
    alarms: int
    explained: int = 0
    explained_now: frozenset[Pair] = frozenset()
    data_quality: States = field(default_factory=dict)
    texts: AlertTexts = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_alarm(self) -> dict[Pair, tuple[str, int | None]]:
        """What is in alarm, with its state and its begin, epoch seconds."""
        states = {pair: detection.detector_state for pair, detection in self.detections.items()}
        return {pair: (state.state, state.since_s) for pair, state in states.items() if state.state != "calm"}


class DetectionRunner:
    """Runs detection over the cells of a store; not to be shared between threads."""

    def __init__(self, store: Store, policy: DetectionPolicy) -> None:
        self._store = store
        self._policy = policy
        self._baselines = repository.KeptBaselines(store)
        self._checkpoint: Checkpoint | None = None
        self._looked_at: datetime | None = None
        self._noted = Watermarks(EPOCH, QUIET.total_seconds())
        self._stale = True
        self.waits = False
        """Whether a history is coming in, of which baselines are made once it is there."""
        self._whole_s = self._whole_again_s = float("-inf")

    def look(self, compiled: CompiledRegistry, at: datetime, now_s: float) -> DriftSnapshot:
        """One look.

        Args:
            compiled: Who owns what.
            at: Minutes that have ended by then are looked at.
            now_s: A clock that only counts on, seconds: it decides when to begin from the beginning.
        """
        until_s = int(at.timestamp()) // MINUTE_S * MINUTE_S
        departments = {department.id for department in compiled.registry.departments}
        baselines: repository.Baselines
        baselines = {pair: v for pair, v in self._baselines.all().items() if pair[0] in departments}
        looked_at = minutes.refreshed_upto(self._store)
        checkpoint = self._trusted(compiled, baselines, now_s)
        self.waits = checkpoint is None and self._is_bulk(at, now_s)
        if self.waits and not baselines:
            # Nothing to measure against, and no baseline is made of half a history: to read it would be for nothing.
            return DriftSnapshot(until_s, {}, self._policy.budget, 0)
        since_s = checkpoint.at_s if checkpoint else 0
        observed = observations.observed(self._store, compiled.attribution, since_s, until_s)
        if checkpoint is None:
            began = time.monotonic()
            self._stale = self.waits
            if not self.waits:
                baselines = make_baselines(self._store, compiled, baselines, observed, until_s)
        detections, alarms = self._detect(compiled, baselines, observed, until_s, checkpoint)
        by_id = repository.by_id(baselines)
        repository.save_alarms(
            self._store,
            alarms,
            since_s,
            lambda alarm: explained_by(self._store, compiled, by_id[alarm.baseline_id], alarm),
        )
        if checkpoint is None:
            self._whole_s, self._whole_again_s = now_s, now_s + WHOLE_SHARE * (time.monotonic() - began)
        self._looked_at = looked_at
        return self._snapshot(until_s, detections)

    def _snapshot(self, until_s: int, detections: Mapping[Pair, Detection]) -> DriftSnapshot:
        spent = repository.count_alarms(self._store, until_s - BUDGET_S, until_s)
        explained = frozenset(
            (row.department, row.metric)
            for row in repository.in_alarm(repository.alarms(self._store))
            if row.explained_by == "ownership"
        )
        return DriftSnapshot(until_s, detections, self._policy.budget, spent.alarms, spent.explained, explained)

    def _trusted(
        self, compiled: CompiledRegistry, baselines: Mapping[Pair, Sequence[Baseline]], now_s: float
    ) -> Checkpoint | None:
        """The checkpoint, unless it is time to begin from the beginning."""
        checkpoint = self._checkpoint
        if checkpoint is None or checkpoint.compiled is not compiled or checkpoint.baselines != _ids(baselines):
            return None
        since = self._looked_at - LOOK_OVERLAP if self._looked_at else EPOCH
        earliest = extent.earliest_change(self._store, since)
        self._stale |= earliest is not None and earliest < checkpoint.at_s
        self._stale |= now_s - self._whole_s >= WHOLE_EVERY_S
        return None if self._stale and now_s >= self._whole_again_s else checkpoint

    def _is_bulk(self, at: datetime, now_s: float) -> bool:
        upto = minutes.refreshed_upto(self._store)
        if upto is None:
            return True
        self._noted.note(now_s, upto)
        # While the store's clock is behind, much more than this landed in so short a time by its versions.
        since = max(upto - QUIET, self._noted.at(now_s - QUIET.total_seconds()))
        return extent.late_facts(self._store, int((at - SETTLED).timestamp()), since) > BULK_FACTS

    def _detect(
        self,
        compiled: CompiledRegistry,
        baselines: Mapping[Pair, Sequence[Baseline]],
        observed: Observed,
        until_s: int,
        checkpoint: Checkpoint | None,
    ) -> tuple[dict[Pair, Detection], list[Alarm]]:
        resume = dict(checkpoint.detections) if checkpoint else {}
        alarms: list[Alarm] = []
        if checkpoint is None or until_s - checkpoint.at_s >= 2 * DAY_S:
            settled_s = until_s - DAY_S
            settled = {pair: _packed(of) for pair, of in _days(observed, settled_s, checkpoint).items()}
            resume, alarms = _run(baselines, self._policy, observed, settled_s, resume, settled)
            checkpoint = self._checkpoint = Checkpoint(settled_s, resume, settled, _ids(baselines), compiled)
        days = _days(observed, until_s, checkpoint)
        detections, later = _run(baselines, self._policy, observed, until_s, resume, days)
        return detections, alarms + later


def _days(observed: Observed, until_s: int, checkpoint: Checkpoint | None) -> dict[Pair, DaySums]:
    """What there was on each day up to an instant: what a checkpoint knows of it, and what has been observed since."""
    earlier, after_s = (checkpoint.days, checkpoint.at_s) if checkpoint else ({}, 0)
    days: dict[Pair, DaySums] = {}
    for pair in {*earlier, *observed.steps}:
        width_s, known = SUBJECTS[pair[1]].width_s, earlier.get(pair)
        found = days_of(observed.steps.get(pair, ()), width_s, until_s, known, after_s)
        days[pair] = _packed(found) if known is None else found
    return days


def _packed(days: DaySums) -> PackedDays:
    return days if isinstance(days, PackedDays) else PackedDays(days)


def _run(
    baselines: Mapping[Pair, Sequence[Baseline]],
    policy: DetectionPolicy,
    observed: Observed,
    until_s: int,
    resume: Mapping[Pair, Detection],
    days: Mapping[Pair, DaySums],
) -> tuple[dict[Pair, Detection], list[Alarm]]:
    """Every detector up to an instant, epoch seconds: where it stands then, and its changes of state on the way."""
    shares = shares_of(baselines)
    detections: dict[Pair, Detection] = {}
    alarms: list[Alarm] = []
    for pair, versions in baselines.items():
        steps = observed.steps.get(pair, ())
        detection, changes = detect(versions, policy, shares, steps, until_s, resume.get(pair), days.get(pair, {}))
        if detection is not None:
            detections[pair] = detection
        alarms += changes
    return detections, alarms


def _ids(baselines: Mapping[Pair, Sequence[Baseline]]) -> frozenset[str]:
    return frozenset(baseline.id for versions in baselines.values() for baseline in versions)


class DriftWatcher:
    """Looks at every interval while `elected` says so; `latest` is the last result, None on other workers."""

    def __init__(
        self,
        store: Store,
        registry_watcher: RegistryWatcher,
        policy: DetectionPolicy,
        interval_s: float,
        elected: Callable[[], bool],
    ) -> None:
        self._store = store
        self._watcher = DetectionRunner(store, policy)
        self._registry_watcher = registry_watcher
        self._interval_s = interval_s
        self._elected = elected
        self._quality: DataQuality | None = None
        self._quality_again_s = float("-inf")
        self._alert_texts = AlertTextCache()
        self.latest: DriftSnapshot | None = None

    async def run(self) -> None:
        """Looks at every interval, until cancelled. An error is survived: it must not keep anything from landing."""
        await run_while_elected(
            "drift",
            self._look,
            elected=self._elected,
            withdraw=self._withdraw,
            pause_s=lambda _: min(self._interval_s, WAITING_S) if self._watcher.waits else self._interval_s,
            survives_errors=True,
        )

    def _withdraw(self) -> None:
        self.latest = None

    def _look(self) -> None:
        compiled, at, now_s = self._registry_watcher.current, datetime.now(UTC), time.monotonic()
        snapshot = self._watcher.look(compiled, at, now_s)
        if self._quality is None or now_s >= self._quality_again_s:
            began = time.monotonic()
            self._quality = quality_and_facts(self._store, compiled, at)
            self._quality_again_s = now_s + max(DATA_QUALITY_EVERY_S, WHOLE_SHARE * (time.monotonic() - began))
        self.latest = replace(
            snapshot,
            data_quality=self._quality.states,
            texts=self._texts(compiled, at, now_s, snapshot, self._quality),
            names=department_names(compiled.registry),
        )

    def _texts(
        self, compiled: CompiledRegistry, at: datetime, now_s: float, snapshot: DriftSnapshot, quality: DataQuality
    ) -> AlertTexts:
        about = (compiled, snapshot.in_alarm, snapshot.explained_now, quality.states, quality.facts.silent)
        return self._alert_texts.texts(about, now_s, lambda: alert_texts(self._store, compiled, at, quality))
