"""What happened in a period, from where each of it is stored: registry, its versions, drifts, baselines, notes."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, starmap
from typing import Annotated, Any, Final

from msgspec import Meta

from metrics.report.annotations import (
    Annotation,
    AnnotationWriter,
    ChangeOfHands,
    DriftChange,
    of_period,
    registry_versions,
)
from streams.drift import repository
from streams.drift.notes import notes
from streams.figures.registry_in_force import ownership_changes
from streams.parameters import BoundsParameters, Department
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import rfc3339


class AnnotationParameters(BoundsParameters, frozen=True, kw_only=True):
    """What happened in a period."""

    department: Annotated[
        Department | None,
        Meta(
            description="Only what this department's figures have to do with, of today or of before; without it, or "
            "of `company`, everything."
        ),
    ] = None


class RegistryNoted(Row):
    """The registry that was in force at an instant."""

    noted_at: datetime
    version: str


_NOTED: Final = query(__package__, "registry_noted", RegistryNoted)


def annotations_of(
    store: Store, compiled: CompiledRegistry, start: datetime, end: datetime, department: str | None
) -> list[Annotation]:
    """What happened in a period, oldest first, that a department's figures have to do with: `of_period` says what."""
    everything = chain(_stored(store, compiled), _noted(store, compiled, start, end))
    return of_period(everything, start, end, department)


def _stored(store: Store, compiled: CompiledRegistry) -> Iterator[Annotation]:
    writer = AnnotationWriter(compiled.registry)
    yield from map(writer.ownership, starmap(ChangeOfHands, ownership_changes(compiled)))
    yield from registry_versions((row.noted_at, row.version) for row in store.fetch(_NOTED))
    yield from writer.drifts(
        DriftChange(row.at, row.department, row.metric, row.state, row.since, row.explained_by == "ownership")
        for row in repository.alarms(store)
    )
    for baseline in repository.baseline_rows(store):
        if baseline.reason != "automatic":
            yield writer.baseline(baseline.valid_from, baseline.department, baseline.metric, baseline.note)


def _noted(store: Store, compiled: CompiledRegistry, start: datetime, end: datetime) -> Iterator[Annotation]:
    return map(AnnotationWriter(compiled.registry).note, notes(store, compiled, start, end))


def as_json(found: list[Annotation]) -> list[dict[str, Any]]:
    """Annotations as JSON has them: instants as RFC 3339."""
    return [
        {
            "at": rfc3339(item.at),
            "kind": item.kind,
            "department": item.department,
            "touchpoint": item.touchpoint,
            "slice": item.slice,
            "metric": item.metric,
            "from": item.old,
            "to": item.new,
            "text": item.text,
            "noticed_at": None if item.noticed_at is None else rfc3339(item.noticed_at),
            "explained_by": "ownership" if item.is_explained else "none",
        }
        for item in found
    ]
