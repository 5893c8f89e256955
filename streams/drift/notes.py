"""Notes of what happened, as events brought them: each with the departments whose figures it has to do with."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from metrics.catalogue import NOTE
from metrics.report.annotations import WrittenNote
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, query

MOST_NOTES: Final = 1_000
"""Notes of one reading: anybody may publish more."""


class NoteRow(Row):
    """A note: when, and about which department and touchpoint; "" for none."""

    at: datetime
    about: str
    touchpoint: str
    segment: str
    region: str
    text: str


_NOTES: Final = query(__package__, "notes", NoteRow)


def notes(store: Store, compiled: CompiledRegistry, start: datetime, end: datetime) -> list[WrittenNote]:
    """The notes of a period, oldest first; of very many the last ones."""
    span = {"since": start.timestamp(), "until": end.timestamp(), "limit": MOST_NOTES}
    return [
        WrittenNote(row.at, row.about, row.touchpoint, row.text, _concerns(row, compiled))
        for row in reversed(store.fetch(_NOTES, span))
    ]


def of_department(found: Iterable[WrittenNote], department: str) -> list[WrittenNote]:
    """Those that a department's figures have to do with."""
    return [note for note in found if not note.concerns or department in note.concerns]


def _concerns(row: NoteRow, compiled: CompiledRegistry) -> frozenset[str]:
    if row.about or not row.touchpoint:
        return frozenset({row.about} - {""})
    # A rule for a kind alone has nothing to do with what happens at a touchpoint.
    at_s = int(row.at.timestamp())
    return frozenset({compiled.attribution.owner(row.touchpoint, row.segment, row.region, NOTE, at_s)})
