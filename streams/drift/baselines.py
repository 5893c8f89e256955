"""Making baselines: by themselves where enough has come together, or on request."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from metrics.drift.baselines import Baseline, Span, estimate, next_span
from metrics.drift.detection import Pair
from metrics.drift.subjects import SUBJECTS
from streams.drift import observations, repository
from streams.drift.observations import Observed
from streams.errors import CxbError
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import from_epoch

LEAST_STEPS: Final = 100


class NoBaseline(CxbError):
    """A baseline cannot be made of what is there."""


def make_baselines(
    store: Store, compiled: CompiledRegistry, known: Mapping[Pair, Sequence[Baseline]], seen: Observed, until_s: int
) -> dict[Pair, list[Baseline]]:
    """Makes and keeps every baseline that is due at an instant, epoch seconds; returns all that there are then."""
    found: dict[Pair, list[Baseline]] = {pair: list(versions) for pair, versions in known.items()}
    made: list[tuple[Baseline, str]] = []
    for department in compiled.registry.departments:
        for metric in SUBJECTS:
            pair = (department.id, metric)
            for baseline in _due(pair, found.get(pair, []), seen, until_s):
                found.setdefault(pair, []).append(baseline)
                made.append((baseline, _note(baseline)))
    repository.keep_baselines(store, made)
    return found


def _due(pair: Pair, known: Sequence[Baseline], seen: Observed, until_s: int) -> list[Baseline]:
    department, metric = pair
    subject, steps = SUBJECTS[metric], seen.steps.get(pair, [])
    moves = [move for move in seen.moves.get(pair, []) if move <= until_s]
    made: list[Baseline] = []
    while True:
        last = made[-1] if made else known[-1] if known else None
        after = Span(last.start_s, last.end_s, last.reason) if last else None
        span = next_span(subject, steps, moves, after, until_s)
        if span is None:
            return made
        version = last.version + 1 if last else 1
        baseline = estimate(department, subject, steps, span, version, span.end_s)
        if baseline is None:
            return made
        made.append(baseline)


def _note(baseline: Baseline) -> str:
    begin = f"{from_epoch(baseline.start_s):%F %R}"
    if baseline.reason == "ownership":
        return f"what was counted for {baseline.department} changed hands at {begin} UTC"
    return f"the first {baseline.exposure:,.0f} since {begin} UTC"


def request_baseline(
    store: Store, compiled: CompiledRegistry, pair: Pair, span: tuple[datetime, datetime], at: datetime
) -> Baseline:
    """Makes and keeps a baseline of a stretch of time, to be used from an instant on.

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
    steps = observations.observed(store, compiled.attribution, begin_s, end_s).steps.get(pair, [])
    known = repository.baselines(store).get(pair, [])
    version = known[-1].version + 1 if known else 1
    wanted = Span(begin_s, end_s, "request")
    valid_from_s = max(end_s, int(at.timestamp()))
    baseline = estimate(department, SUBJECTS[metric], steps, wanted, version, valid_from_s)
    if baseline is None or len(steps) < LEAST_STEPS:
        raise NoBaseline(
            f"{metric} of {department} has too little between {span[0]:%F %R} and {span[1]:%F %R} UTC to tell its usual"
            f" level and noise: it needs {LEAST_STEPS} minutes or hours with events that differ; give an earlier --from"
        )
    repository.keep_baselines(store, [(baseline, f"asked for at {at:%F %R} UTC")])
    return baseline
