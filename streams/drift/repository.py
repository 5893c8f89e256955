"""What detection keeps in the store: baselines, which are frozen, and changes of state, which are computed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from metrics.drift.baselines import Baseline
from metrics.drift.cusum import DriftState
from metrics.drift.detection import Alarm, Pair
from streams.store.client import Store
from streams.timestamps import from_epoch, sql_second

_BASELINES: Final = "SELECT * FROM baselines FINAL ORDER BY department, metric, version"
_ALARMS: Final = """
SELECT * EXCEPT withdrawn FROM drift FINAL WHERE withdrawn = 0 AND at > {since:DateTime64(3, 'UTC')}
ORDER BY department, metric, at
"""
_COUNT: Final = """
SELECT count() AS alarms FROM drift FINAL WHERE withdrawn = 0 AND state != 'calm'
    AND at > {since:DateTime64(3, 'UTC')} AND at <= {until:DateTime64(3, 'UTC')}
"""
_ALARM_COLUMNS: Final = (
    "at", "department", "metric", "state", "direction", "since", "statistic", "threshold", "baseline_id", "withdrawn",
)  # fmt: skip
_PLAIN: Final = ("department", "metric", "version", "reason", "exposure", "mean", "sd", "skew", "step_sd", "freedom")


def baseline_rows(store: Store) -> list[dict[str, Any]]:
    """The rows of the table `baselines`."""
    return store.query(_BASELINES)


def name(row: Mapping[str, Any]) -> str:
    """The id of the baseline that a row is of."""
    return f"{row['department']}/{row['metric']}/{row['version']}"


def baselines(store: Store) -> dict[Pair, list[Baseline]]:
    """All baselines, by department and metric in order of version."""
    found: defaultdict[Pair, list[Baseline]] = defaultdict(list)
    for row in baseline_rows(store):
        plain: dict[str, Any] = {name: row[name] for name in _PLAIN}
        times: dict[str, Any] = {f"{name}_s": int(row[column].timestamp()) for name, column in _TIMES}
        baseline = Baseline(**plain, **times, rhythm=tuple(row["rhythm"]))
        found[baseline.department, baseline.metric].append(baseline)
    return dict(found)


_TIMES: Final = (("start", "start_at"), ("end", "end_at"), ("valid_from", "valid_from"))


def keep_baselines(store: Store, made: Sequence[tuple[Baseline, str]]) -> None:
    """Lands baselines, each with a note in words; one that is there already is replaced by its like."""
    columns = [*_PLAIN, *(column for _, column in _TIMES), "note", "rhythm"]
    data: list[list[Any]] = [[getattr(baseline, name) for baseline, _ in made] for name in _PLAIN]
    data += [[from_epoch(getattr(baseline, f"{name}_s")) for baseline, _ in made] for name, _ in _TIMES]
    data += [[note for _, note in made], [list(baseline.rhythm) for baseline, _ in made]]
    store.insert("baselines", columns, data)


def alarm_rows(store: Store, since_s: int = 0) -> list[dict[str, Any]]:
    """The rows of the table `drift` that are not withdrawn, later than an epoch second."""
    return store.query(_ALARMS, {"since": sql_second(from_epoch(since_s))})


def alarms_between(store: Store, since_s: int, until_s: int) -> int:
    """How many alarms began later than one epoch second and up to another."""
    between = {"since": sql_second(from_epoch(since_s)), "until": sql_second(from_epoch(until_s))}
    return int(store.query(_COUNT, between)[0]["alarms"])


def keep_alarms(store: Store, found: Iterable[Alarm], since_s: int) -> int:
    """Makes the table `drift` say, later than an epoch second, what has been found now; how many rows that took."""
    wanted = {(alarm.department, alarm.metric, alarm.at_s): alarm for alarm in found}
    kept = {_key(row): row for row in alarm_rows(store, since_s)}
    new = [
        _row(alarm, withdrawn=0)
        for key, alarm in wanted.items()
        if key not in kept or any(kept[key][name] != getattr(alarm, name) for name in ("state", "baseline_id"))
    ]
    gone = [{**row, "withdrawn": 1} for key, row in kept.items() if key not in wanted]
    changed = [*new, *gone]
    store.insert("drift", _ALARM_COLUMNS, [[row[name] for row in changed] for name in _ALARM_COLUMNS])
    return len(changed)


def _key(row: dict[str, Any]) -> tuple[str, str, int]:
    return row["department"], row["metric"], int(row["at"].timestamp())


def _row(alarm: Alarm, withdrawn: int) -> dict[str, Any]:
    state: DriftState = alarm.state
    return {
        "at": from_epoch(alarm.at_s),
        "department": alarm.department,
        "metric": alarm.metric,
        "state": state,
        "direction": "none" if state == "calm" else state,
        "since": None if alarm.since_s is None else from_epoch(alarm.since_s),
        "statistic": alarm.statistic,
        "threshold": alarm.threshold,
        "baseline_id": alarm.baseline_id,
        "withdrawn": withdrawn,
    }
