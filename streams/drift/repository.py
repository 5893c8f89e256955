"""What detection stores: baselines, which are frozen, and changes of state, which are computed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from metrics.drift.baselines import Baseline, BaselineReason
from metrics.drift.cusum import DriftState
from metrics.drift.detection import Alarm, Pair
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import from_epoch, sql_second

Baselines = Mapping[Pair, Sequence[Baseline]]
"""All baselines, by department and metric in order of version."""
ExplainedBy = Literal["none", "ownership"]
"""What explains an alarm; none where nothing is known to."""


class BaselineRow(Row):
    """A row of the table `baselines`; the fields are explained at metrics.drift.baselines.Baseline."""

    department: str
    metric: str
    version: int
    reason: BaselineReason
    note: str
    start_at: datetime
    end_at: datetime
    valid_from: datetime
    exposure: float
    mean: float
    sd: float
    skew: float
    step_sd: float
    freedom: float
    rhythm: list[float]
    timezone: str
    created_at: datetime

    @property
    def id(self) -> str:
        """The id of the baseline, as alarms name it."""
        return f"{self.department}/{self.metric}/{self.version}"


class BaselinesMark(Row):
    """What is another after each baseline that is saved."""

    row_count: int
    newest_at: datetime


class AlarmRow(Row):
    """A row of the table `drift`: a change of state of the detector of a department's metric.

    Attributes:
        at: When.
        department: Whose metric.
        metric: Which metric.
        state: The state from then on.
        direction: The same of an alarm; none when calm.
        since: When the drift began, as far as the detector can say; None when calm.
        statistic: CUSUM of the side in alarm, or of the one closer to it.
        threshold: Above it that side is in alarm.
        baseline_id: What was compared with.
        explained_by: ownership, if touchpoints that changed hands make more than half of the change; else none.
        since_from: The earliest instant at which the drift may have begun, at a confidence of 95 %; None when calm, and
            where that is not known.
        since_to: The latest.
    """

    at: datetime
    department: str
    metric: str
    state: DriftState
    direction: Literal["none", "up", "down"]
    since: datetime | None
    statistic: float
    threshold: float
    baseline_id: str
    explained_by: ExplainedBy = "none"
    since_from: datetime | None = None
    since_to: datetime | None = None


class AlarmCount(Row):
    """How many alarms: those that count against the budget, and those that a change of ownership explains."""

    alarms: int
    explained: int


_BASELINES: Final = query(__package__, "baselines", BaselineRow)
_MARK: Final = query(__package__, "baselines_mark", BaselinesMark)
_ALARMS: Final = query(__package__, "alarms", AlarmRow)
_COUNT: Final = query(__package__, "alarm_count", AlarmCount)
# Named in the table as in metrics.drift.baselines.Baseline, and the instants, which have other names there.
_PLAIN: Final = (
    "department", "metric", "version", "reason", "exposure", "mean", "sd", "skew", "step_sd", "freedom", "timezone",
)  # fmt: skip
_TIMES: Final = (("start_s", "start_at"), ("end_s", "end_at"), ("valid_from_s", "valid_from"))


def baseline_rows(store: Store) -> list[BaselineRow]:
    """The rows of the table `baselines`."""
    return store.fetch(_BASELINES)


def baselines(store: Store) -> dict[Pair, list[Baseline]]:
    """All baselines, by department and metric in order of version."""
    by_pair: defaultdict[Pair, list[Baseline]] = defaultdict(list)
    for row in baseline_rows(store):
        by_pair[row.department, row.metric].append(_baseline(row))
    return dict(by_pair)


class KeptBaselines:
    """The same, for whoever asks again and again: read when another has been saved.

    A company may have thousands, each with the rhythm of a week. Not to be shared between threads.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: tuple[BaselinesMark, Baselines] | None = None

    def all(self) -> Baselines:
        """All baselines as they are now."""
        mark = self._store.fetch_one(_MARK)  # before they are read: one that is saved meanwhile is read again
        if self._kept is None or self._kept[0] != mark:
            self._kept = mark, baselines(self._store)
        return self._kept[1]


def by_id(baselines_: Baselines) -> dict[str, Baseline]:
    """The same baselines by their id, which alarms name."""
    return {baseline.id: baseline for versions in baselines_.values() for baseline in versions}


def _baseline(row: BaselineRow) -> Baseline:
    return Baseline(
        department=row.department,
        metric=row.metric,
        version=row.version,
        reason=row.reason,
        start_s=int(row.start_at.timestamp()),
        end_s=int(row.end_at.timestamp()),
        valid_from_s=int(row.valid_from.timestamp()),
        exposure=row.exposure,
        mean=row.mean,
        sd=row.sd,
        skew=row.skew,
        step_sd=row.step_sd,
        freedom=row.freedom,
        rhythm=tuple(row.rhythm),
        timezone=row.timezone,
    )


def save_baselines(store: Store, noted: Sequence[tuple[Baseline, str]]) -> None:
    """Lands baselines, each with a note in words; one that is there already is replaced by its like."""
    columns = [*_PLAIN, *(column for _, column in _TIMES), "note", "rhythm"]
    data: list[list[Any]] = [[getattr(baseline, name) for baseline, _ in noted] for name in _PLAIN]
    data += [[from_epoch(getattr(baseline, name)) for baseline, _ in noted] for name, _ in _TIMES]
    data += [[note for _, note in noted], [list(baseline.rhythm) for baseline, _ in noted]]
    store.insert("baselines", columns, data)


def alarms(store: Store, since_s: int = 0) -> list[AlarmRow]:
    """The changes of state that are not withdrawn, later than an epoch second, each detector's in order of time."""
    return store.fetch(_ALARMS, {"since": sql_second(from_epoch(since_s))})


def count_alarms(store: Store, since_s: int, until_s: int) -> AlarmCount:
    """How many alarms began later than one epoch second and up to another."""
    between = {"since": sql_second(from_epoch(since_s)), "until": sql_second(from_epoch(until_s))}
    return store.fetch_one(_COUNT, between)


def in_alarm(rows: Iterable[AlarmRow]) -> list[AlarmRow]:
    """Of the rows of `drift`, in order of time for each detector, those that hold and are an alarm."""
    last = {(row.department, row.metric): row for row in rows}
    return [row for row in last.values() if row.state != "calm"]


def save_alarms(
    store: Store, detected: Iterable[Alarm], since_s: int, explain: Callable[[Alarm], ExplainedBy] = lambda _: "none"
) -> int:
    """Makes the table `drift` say, later than an epoch second, what is detected now; how many rows that took.

    Args:
        store: The store.
        detected: Every change of state later than `since_s`.
        since_s: Rows up to it are left alone, epoch seconds.
        explain: What explains an alarm; asked only of those that are not in the table.
    """
    wanted = {(alarm.department, alarm.metric, alarm.at_s): alarm for alarm in detected}
    stored = {(row.department, row.metric, int(row.at.timestamp())): row for row in alarms(store, since_s)}
    new = [
        _row(alarm, explain(alarm))
        for key, alarm in wanted.items()
        if key not in stored or (stored[key].state, stored[key].baseline_id) != (alarm.state, alarm.baseline_id)
    ]
    gone = [row for key, row in stored.items() if key not in wanted]
    changed, names = [*new, *gone], AlarmRow.__struct_fields__
    data: list[list[Any]] = [[getattr(row, name) for row in changed] for name in names]
    store.insert("drift", [*names, "withdrawn"], [*data, [0] * len(new) + [1] * len(gone)])
    return len(changed)


def _row(alarm: Alarm, explained_by: ExplainedBy) -> AlarmRow:
    return AlarmRow(
        at=from_epoch(alarm.at_s),
        department=alarm.department,
        metric=alarm.metric,
        state=alarm.state,
        direction="none" if alarm.state == "calm" else alarm.state,
        since=None if alarm.since_s is None else from_epoch(alarm.since_s),
        statistic=alarm.statistic,
        threshold=alarm.threshold,
        baseline_id=alarm.baseline_id,
        explained_by=explained_by,
        since_from=None if alarm.onset is None else from_epoch(alarm.onset.from_s),
        since_to=None if alarm.onset is None else from_epoch(alarm.onset.to_s),
    )
