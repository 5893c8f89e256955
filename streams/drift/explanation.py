"""The story of a drift: what moved, since when, who owns it, what happened then, and what moved it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from metrics.catalogue import METRICS
from metrics.drift.baselines import Baseline
from metrics.drift.contributions import contributions, figure_of_groups, moved
from metrics.drift.subjects import SUBJECTS, Subject
from metrics.durations import DAY_S, MINUTE_S
from streams.drift import observations, repository
from streams.drift.observations import DIMENSIONS, Combination, Row
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import from_epoch, sql_second

CAUSES_PERIOD: Final = timedelta(days=14)
"""How long before `since` something may have happened that the drift has to do with."""
NAMED: Final = 0.1
"""Least share of a change that the sentence names."""

_VERSIONS: Final = """
SELECT registry_version AS version, min(at) AS first_at FROM balances GROUP BY registry_version
HAVING first_at >= {since:DateTime64(3, 'UTC')} AND first_at <= {until:DateTime64(3, 'UTC')} ORDER BY first_at
"""


def in_alarm(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of the rows of `drift`, in order of time for each detector, those that hold and are an alarm."""
    last = {(row["department"], row["metric"]): dict(row) for row in rows}
    return [row for row in last.values() if row["state"] != "calm"]


def drifting(store: Store, compiled: CompiledRegistry, at: datetime) -> list[dict[str, Any]]:
    """What drifts at an instant, each with its story, by department and metric."""
    rows = [row for row in repository.alarm_rows(store) if row["at"] <= at]
    known = {baseline.id: baseline for versions in repository.baselines(store).values() for baseline in versions}
    return [
        row | _story(store, compiled, row, known[row["baseline_id"]], at)
        for row in in_alarm(rows)
        if row["baseline_id"] in known
    ]


def _story(
    store: Store, compiled: CompiledRegistry, row: Mapping[str, Any], baseline: Baseline, at: datetime
) -> dict[str, Any]:
    subject = SUBJECTS[baseline.metric]
    since_s, until_s = int(row["since"].timestamp()), int(at.timestamp()) // MINUTE_S * MINUTE_S
    spans = {"before": (baseline.start_s, baseline.end_s), "after": (since_s, until_s)}
    rows = {
        name: [
            found
            for found in observations.rows(store, compiled.attribution, subject.kinds, *span)
            if found.owner == baseline.department
        ]
        for name, span in spans.items()
    }
    days = {name: max(1, end - begin) / DAY_S for name, (begin, end) in spans.items()}
    parts = {
        dimension: {name: observations.parts(subject, rows[name], dimension, days[name]) for name in spans}
        for dimension in DIMENSIONS
    }
    by_touchpoint = parts["touchpoint"]
    window = (since_s - int(CAUSES_PERIOD.total_seconds()), until_s)
    mixes = [{group: part.total or part.exposure for group, part in by_touchpoint[name].items()} for name in spans]
    told = {
        "before": figure_of_groups(subject, by_touchpoint["before"]),
        "after": figure_of_groups(subject, by_touchpoint["after"]),
        "unit": METRICS[subject.metric].unit,
        "owner_changes": _owner_changes(compiled, [*rows["before"], *rows["after"]], baseline.department, window),
        "registry_versions": _versions(store, window),
        "events_a_day_before": _events(rows["before"]) / days["before"],
        "events_a_day_after": _events(rows["after"]) / days["after"],
        "mix_moved": moved(*mixes),
        "contributions": {
            dimension: [asdict(item) for item in contributions(subject, both["before"], both["after"])]
            for dimension, both in parts.items()
        },
    }
    return told | {"text": _text(subject, row, told)}


def _events(rows: Iterable[Row]) -> int:
    return sum(row.tally.n for row in rows)


def _owner_changes(
    compiled: CompiledRegistry, rows: Iterable[Row], department: str, window: tuple[int, int]
) -> list[dict[str, Any]]:
    found: defaultdict[tuple[int, str, str], set[str]] = defaultdict(set)
    for combination in {row.combination for row in rows} | _kin(compiled, rows):
        boundaries, owners = compiled.attribution.spans(*combination)
        for at_s, (old, new) in zip(boundaries, pairwise(owners), strict=True):
            if window[0] <= at_s <= window[1] and department in (old, new) and old != new:
                found[at_s, old, new].add(combination.touchpoint)
    return [
        {"at": from_epoch(at_s), "touchpoint": touchpoint, "from": old, "to": new}
        for (at_s, old, new), touchpoints in sorted(found.items())
        for touchpoint in sorted(touchpoints)
    ]


def _kin(compiled: CompiledRegistry, rows: Iterable[Row]) -> set[Combination]:
    """Declared touchpoints of the same kinds: one that left before anything was counted is told of as well."""
    kinds = {row.combination.kind for row in rows}
    return {Combination(touchpoint.id, "", "", kind) for touchpoint in compiled.registry.touchpoints for kind in kinds}


def _versions(store: Store, window: tuple[int, int]) -> list[dict[str, Any]]:
    since, until = (sql_second(from_epoch(second)) for second in window)
    span = {"since": since, "until": until}
    return store.query(_VERSIONS, span)


def _text(subject: Subject, row: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    head = f"{row['metric']} of {row['department']} {row['state']} since {row['since']:%-d %B %Y}"
    if told["before"] is not None and told["after"] is not None:
        head += f": {told['before']:.4g} -> {told['after']:.4g} ({told['unit']})"
    sentences = [head]
    for change in told["owner_changes"]:
        sentences.append(
            f"on {change['at']:%-d %B} {change['touchpoint']} moved from {change['from']} to {change['to']}"
        )
    for dimension in DIMENSIONS:
        sentences += _main(dimension, told["contributions"][dimension])
    return "; ".join(sentences)


def _main(dimension: str, found: Sequence[Mapping[str, Any]]) -> list[str]:
    if len(found) < 2 or found[0]["share"] is None or found[0]["share"] < NAMED:
        return []
    return [f"{dimension} {found[0]['group'] or '(none)'} contributes {found[0]['share']:.0%} of it"]
