"""The story of a drift: what moved, since when, who owns it, what happened then, and what moved it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import msgspec

from metrics.catalogue import METRICS, in_digits
from metrics.drift.baselines import Baseline
from metrics.drift.contributions import ALL_OF_IT, Contribution, GroupTotal, contributions, figure_of_groups, moved
from metrics.drift.levels import usual_level
from metrics.drift.subjects import SUBJECTS, Subject
from metrics.durations import DAY_S, MINUTE_S
from metrics.registry.names import Names
from metrics.zones import Zone
from streams.drift import observations, repository
from streams.drift.notes import notes, of_department
from streams.drift.observations import DIMENSIONS, Combination, Dimension, OwnedTally
from streams.drift.repository import AlarmRow, Baselines
from streams.figures.names import shown_of_cells
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import from_epoch, sql_second

CAUSES_PERIOD: Final = timedelta(days=14)
"""How long before `since` something may have happened that the drift has to do with."""
ONE_DAY: Final = timedelta(days=1)
"""Of a drift that began within one, the day of `since` says all."""
MOST_NOTED: Final = 2
"""Notes that the sentence holds."""
NAMED: Final = 0.1
"""Least share of a change that the sentence names."""


class RegistryVersion(Row):
    """A version of the registry, and when figures were first saved under it."""

    version: str
    first_at: datetime


class OwnerChange(msgspec.Struct, rename={"old": "from", "new": "to"}):
    """A touchpoint that went from one owner to another; the owners are called `from` and `to` in answers."""

    at: datetime
    touchpoint: str
    old: str
    new: str


class NoteNear(msgspec.Struct):
    """A note of what happened around the time when a drift began."""

    at: datetime
    department: str
    touchpoint: str
    text: str


class Drift(AlarmRow, kw_only=True):
    """An alarm with its story.

    Attributes:
        before: The figure in the baseline's stretch of time; None where it had none.
        after: The figure since the drift began.
        unit: The unit of both.
        n_before: Observations behind `before`.
        n_after: Observations behind `after`.
        owner_changes: Touchpoints that came or went, from 14 days before `since` on.
        registry_versions: Versions of the registry of the same time.
        notes: Notes of the same time that have to do with the department.
        events_a_day_before: Events a day in the baseline's stretch.
        events_a_day_after: Events a day since the drift began.
        baseline_value: The usual level, by the baseline; what the detector compares with.
        baseline_low: Lower end of its 95 % interval.
        baseline_high: Upper end of it.
        baseline_n: Answers, chances or events from which it was estimated.
        baseline_from: Start of the stretch of time from which it was estimated.
        baseline_to: End of that stretch.
        mix_moved: Which part of the mix of touchpoints moved, 0..1.
        contributions: What moved the figure, the greatest first, by dimension.
        text: All of it in one sentence.
    """

    before: float | None
    after: float | None
    unit: str
    n_before: int
    n_after: int
    owner_changes: list[OwnerChange]
    registry_versions: list[RegistryVersion]
    notes: list[NoteNear]
    events_a_day_before: float
    events_a_day_after: float
    baseline_value: float
    baseline_low: float
    baseline_high: float
    baseline_n: float
    baseline_from: datetime
    baseline_to: datetime
    mix_moved: float
    contributions: dict[Dimension, list[Contribution]]
    text: str


_VERSIONS: Final = query(__package__, "registry_versions", RegistryVersion)


class _Stretch(msgspec.Struct):
    """One of the two stretches of time that a story compares: what was counted in it for the department."""

    subject: Subject
    days: float
    tallies: list[OwnedTally]
    parts: dict[Dimension, dict[str, GroupTotal]]

    @property
    def figure(self) -> float | None:
        return figure_of_groups(self.subject, self.parts["touchpoint"])

    @property
    def n(self) -> int:
        # The exposure of a volume is time.
        is_volume = self.subject.manner == "volume"
        return int(sum(part.total if is_volume else part.exposure for part in self.parts["touchpoint"].values()))

    @property
    def mix(self) -> dict[str, float]:
        return {group: part.total or part.exposure for group, part in self.parts["touchpoint"].items()}

    @property
    def events_a_day(self) -> float:
        return sum(item.tally.n for item in self.tallies) / self.days


def drifting(store: Store, compiled: CompiledRegistry, stored: Baselines, at: datetime) -> list[Drift]:
    """What drifts at an instant, each with its story, by department and metric.

    All that shows a drift asks here: the figures before and after are the same wherever they are shown.

    Args:
        store: The store.
        compiled: Who owned what.
        stored: Every baseline, as `repository.baselines` reads them.
        at: The instant.
    """
    rows = [row for row in repository.alarms(store) if row.at <= at]
    baselines = repository.by_id(stored)
    until_s = int(at.timestamp()) // MINUTE_S * MINUTE_S
    stretches = [
        (alarm, baselines[alarm.baseline_id], (int(alarm.since.timestamp()), until_s))
        for alarm in repository.in_alarm(rows)
        if alarm.baseline_id in baselines and alarm.since is not None  # an alarm always has a begin
    ]
    # Once for all of them: each look for names is a pass over cells.
    since_s = min((baseline.start_s for _, baseline, _ in stretches), default=until_s)
    names = shown_of_cells(store, compiled.names, since_s, until_s) if stretches else compiled.names
    return [_story(store, compiled, names, *stretch) for stretch in stretches]


def _story(
    store: Store,
    compiled: CompiledRegistry,
    names: Names,
    alarm: AlarmRow,
    baseline: Baseline,
    after_s: tuple[int, int],
) -> Drift:
    subject = SUBJECTS[baseline.metric]
    usual = usual_level(subject, baseline)
    before = _stretch(store, compiled, names, baseline, (baseline.start_s, baseline.end_s))
    after = _stretch(store, compiled, names, baseline, after_s)
    window = (after_s[0] - int(CAUSES_PERIOD.total_seconds()), after_s[1])
    drift = Drift(
        **{name: getattr(alarm, name) for name in AlarmRow.__struct_fields__},
        before=before.figure,
        after=after.figure,
        unit=METRICS[subject.metric].unit,
        n_before=before.n,
        n_after=after.n,
        owner_changes=_owner_changes(compiled, [*before.tallies, *after.tallies], baseline.department, window),
        registry_versions=_versions(store, window),
        notes=_notes(store, compiled, baseline.department, window),
        events_a_day_before=before.events_a_day,
        events_a_day_after=after.events_a_day,
        baseline_value=usual.value,
        baseline_low=usual.low,
        baseline_high=usual.high,
        baseline_n=usual.n,
        baseline_from=from_epoch(baseline.start_s),
        baseline_to=from_epoch(baseline.end_s),
        mix_moved=moved(before.mix, after.mix),
        contributions={name: contributions(subject, before.parts[name], after.parts[name]) for name in DIMENSIONS},
        text="",
    )
    drift.text = _text(drift, compiled.registry.zone)
    return drift


def _stretch(
    store: Store, compiled: CompiledRegistry, names: Names, baseline: Baseline, span_s: tuple[int, int]
) -> _Stretch:
    subject, begin_s, end_s = SUBJECTS[baseline.metric], *span_s
    days = max(1, end_s - begin_s) / DAY_S
    tallies = [
        item
        for item in observations.owned_tallies(store, compiled.attribution, names, subject.kinds, begin_s, end_s)
        if item.owner == baseline.department
    ]
    return _Stretch(
        subject, days, tallies, {name: observations.parts(subject, tallies, name, days) for name in DIMENSIONS}
    )


def _owner_changes(
    compiled: CompiledRegistry, tallies: Sequence[OwnedTally], department: str, window: tuple[int, int]
) -> list[OwnerChange]:
    changes: defaultdict[tuple[int, str, str], set[str]] = defaultdict(set)
    for combination in {item.combination for item in tallies} | _declared(compiled, tallies):
        boundaries, owners = compiled.attribution.spans(*combination)
        for at_s, (old, new) in zip(boundaries, pairwise(owners), strict=True):
            if window[0] <= at_s <= window[1] and department in (old, new) and old != new:
                changes[at_s, old, new].add(combination.touchpoint)
    return [
        OwnerChange(from_epoch(at_s), touchpoint, old, new)
        for (at_s, old, new), touchpoints in sorted(changes.items())
        for touchpoint in sorted(touchpoints)
    ]


def _declared(compiled: CompiledRegistry, tallies: Iterable[OwnedTally]) -> set[Combination]:
    """Declared touchpoints of the same kinds: one that left before anything was counted is reported as well."""
    kinds = {item.combination.kind for item in tallies}
    return {Combination(touchpoint.id, "", "", kind) for touchpoint in compiled.registry.touchpoints for kind in kinds}


def _versions(store: Store, window: tuple[int, int]) -> list[RegistryVersion]:
    since, until = (sql_second(from_epoch(second)) for second in window)
    return store.fetch(_VERSIONS, {"since": since, "until": until})


def _notes(store: Store, compiled: CompiledRegistry, department: str, window: tuple[int, int]) -> list[NoteNear]:
    noted = notes(store, compiled, *map(from_epoch, window))
    return [NoteNear(*note[:4]) for note in of_department(noted, department)]


def _text(drift: Drift, zone: Zone) -> str:
    def day(at: datetime) -> datetime:
        return zone.local(int(at.timestamp()))

    sentences = [f"{drift.metric} of {drift.department} {drift.state}{_since(drift, day)}"]
    if drift.before is not None and drift.after is not None:
        sentences[0] += f": {in_digits(drift.before)} -> {in_digits(drift.after)} ({drift.unit})"
    else:
        side = "before" if drift.before is None else "since"
        sentences[0] += f": nothing to judge by, for there are no observations {side}"
    if drift.explained_by == "ownership":
        sentences.append("touchpoints that changed hands explain most of it, so it does not count against the budget")
    for change in drift.owner_changes:
        sentences.append(f"on {day(change.at):%-d %B} {change.touchpoint} moved from {change.old} to {change.new}")
    for note in _nearest(drift):
        sentences.append(f"noted on {day(note.at):%-d %B}: {note.text}")
    for dimension in DIMENSIONS:  # each splits the whole change
        sentences += _main(dimension, drift.contributions[dimension])
    return "; ".join(sentences)


def _since(drift: Drift, day: Callable[[datetime], datetime]) -> str:
    """Since when, and between which days that may have been where it is more than one."""
    if drift.since is None:
        return ""
    since, earliest, latest = f" since {day(drift.since):%-d %B %Y}", drift.since_from, drift.since_to
    if earliest is None or latest is None or latest - earliest <= ONE_DAY:
        return since
    return f"{since} (between {day(earliest):%-d %B} and {day(latest):%-d %B})"


def _nearest(drift: Drift) -> list[NoteNear]:
    """The notes that a sentence has room for: those closest to the begin of a drift."""
    if drift.since is None:
        return []
    since = drift.since
    return sorted(sorted(drift.notes, key=lambda note: abs(note.at - since))[:MOST_NOTED], key=lambda note: note.at)


def _main(dimension: str, parts: Sequence[Contribution]) -> list[str]:
    if len(parts) < 2 or parts[0].share is None or parts[0].share < NAMED:
        return []
    # With more than all of it, others moved the other way.
    share = f"{parts[0].share:.0%}" if parts[0].share <= ALL_OF_IT else "more than all"
    return [f"by {dimension}, {parts[0].group or '(none)'} makes {share} of it"]
