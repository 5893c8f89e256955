"""Making baselines: by themselves where enough has come together, or on request."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from metrics.drift.baselines import Baseline, Span, estimate, next_span
from metrics.drift.detection import Pair
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.zones import Zone
from streams.drift import observations, repository
from streams.drift.observations import Observed
from streams.errors import CxbError
from streams.registry.file import CompiledRegistry
from streams.store.client import Store

LEAST_STEPS: Final = 100


class NoBaseline(CxbError):
    """A baseline cannot be made of what is there."""


def make_baselines(
    store: Store,
    compiled: CompiledRegistry,
    baselines: Mapping[Pair, Sequence[Baseline]],
    observed: Observed,
    until_s: int,
) -> dict[Pair, list[Baseline]]:
    """Makes and saves every baseline that is due at an instant, epoch seconds; returns all that there are then."""
    all_of, new = due_baselines(compiled, baselines, observed, until_s)
    repository.save_baselines(store, new)
    return all_of


def due_baselines(
    compiled: CompiledRegistry, baselines: Mapping[Pair, Sequence[Baseline]], observed: Observed, until_s: int
) -> tuple[dict[Pair, list[Baseline]], list[tuple[Baseline, str]]]:
    """All baselines that there are at an instant, epoch seconds; and those that were due, each with its note."""
    all_of: dict[Pair, list[Baseline]] = {pair: list(versions) for pair, versions in baselines.items()}
    new: list[tuple[Baseline, str]] = []
    zone = compiled.registry.zone
    for department in compiled.registry.departments:
        for metric in SUBJECTS:
            pair = (department.id, metric)
            versions = all_of.get(pair, [])
            moved = _moved(versions, observed.steps.get(pair, ()), zone, until_s)
            if moved is not None:
                all_of.setdefault(pair, []).append(moved)
                new.append((moved, f"the same, with hours of {zone.name}"))
            for baseline in _due(pair, all_of.get(pair, []), observed, until_s, zone):
                all_of.setdefault(pair, []).append(baseline)
                new.append((baseline, _note(baseline, zone)))
    return all_of, new


def _moved(versions: Sequence[Baseline], steps: Sequence[Observation], zone: Zone, until_s: int) -> Baseline | None:
    """The last baseline of a volume with the hours of the company's zone; None where it has them.

    The company is in another zone than when it was made: by those clocks its hours are others. The stretch stays.
    """
    last = versions[-1] if versions else None
    if last is None or not last.rhythm or last.timezone == zone.name:
        return None
    span = Span(last.start_s, last.end_s, last.reason)
    valid_from_s = max(until_s, last.valid_from_s)
    return estimate(last.department, SUBJECTS[last.metric], steps, span, last.version + 1, valid_from_s, zone)


def _due(pair: Pair, versions: Sequence[Baseline], observed: Observed, until_s: int, zone: Zone) -> list[Baseline]:
    department, metric = pair
    subject, steps = SUBJECTS[metric], observed.steps.get(pair, ())
    moves = [move for move in observed.moves.get(pair, []) if move <= until_s]
    new: list[Baseline] = []
    while True:
        last = new[-1] if new else versions[-1] if versions else None
        after = Span(last.start_s, last.end_s, last.reason) if last else None
        span = next_span(subject, steps, moves, after, until_s)
        if span is None:
            return new
        version = last.version + 1 if last else 1
        baseline = estimate(department, subject, steps, span, version, span.end_s, zone)
        if baseline is None:
            return new
        new.append(baseline)


def _note(baseline: Baseline, zone: Zone) -> str:
    begin = f"{zone.local(baseline.start_s):%F %R} {zone.name}"
    if baseline.reason == "ownership":
        return f"what was counted for {baseline.department} changed hands at {begin}"
    return f"the first {baseline.exposure:,.0f} since {begin}"


def request_baseline(
    store: Store, compiled: CompiledRegistry, pair: Pair, span: tuple[datetime, datetime], at: datetime
) -> Baseline:
    """Makes and saves a baseline of a stretch of time, to be used from an instant on.

    Args:
        store: The store.
        compiled: Who owned what.
        pair: Department and metric.
        span: Begin and end of the stretch.
        at: From when it holds; not before the end of the stretch.

    Raises:
        NoBaseline: The stretch holds too little.
    """
    department, metric = pair
    begin_s, end_s = (int(instant.timestamp()) for instant in span)
    steps = observations.observed(store, compiled.attribution, begin_s, end_s).steps.get(pair, ())
    versions = repository.baselines(store).get(pair, [])
    version = versions[-1].version + 1 if versions else 1
    wanted = Span(begin_s, end_s, "request")
    valid_from_s = max(end_s, int(at.timestamp()))
    baseline = estimate(department, SUBJECTS[metric], steps, wanted, version, valid_from_s, compiled.registry.zone)
    if baseline is None or len(steps) < LEAST_STEPS:
        raise NoBaseline(
            f"{metric} of {department} has too little between {span[0]:%F %R} and {span[1]:%F %R} UTC to tell its usual"
            f" level and noise: it needs {LEAST_STEPS} minutes or hours with events that differ; give an earlier --from"
        )
    repository.save_baselines(store, [(baseline, f"asked for at {at:%F %R} UTC")])
    return baseline
