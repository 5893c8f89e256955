"""Files of other tools as events: mapped before anything is sent, so what does not fit is known by its place."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Final

import msgspec

from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.sources.mapping import SourceMapping
from metrics.sources.trial import AGELESS, Trial, judged
from streams.errors import CxbError
from streams.sources.documents import records_in

LOOKED_AT: Final = 1000
"""Records that are looked at before the first is sent."""
NAMED_FAULTS: Final = 5
LOOKED_FOR_AGAIN: Final = 1_000_000
"""Events whose ids are kept to find those that come again; each takes about a hundred bytes of memory."""
_AT_ONCE: Final = 1000


class NothingFits(CxbError):
    """Not one record of a file becomes an event: it is of another format."""

    exit_code = 2


_OF_MINUTE: Final = len("2026-11-22T09:59")


class _Identity(msgspec.Struct):
    source: str
    event_id: str
    occurred_at: str


_identities: Final = msgspec.json.Decoder(_Identity).decode


@dataclass(slots=True)
class FileOutcome:
    """What became of the records of files.

    Attributes:
        records: How many were read.
        events: How many events came of them.
        dropped: How many gave nothing, on purpose.
        rejected: How many did not fit, by reason.
        faults: The first of those, with their places.
        repeated: How many events are the same as one before them, by source, id and minute: they count once.
        repeat: The place of the first of those.
    """

    records: int = 0
    events: int = 0
    dropped: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, Trial]] = field(default_factory=list)
    repeated: int = 0
    repeat: str = ""


def limits_of(limits: RecordLimits, *, backfill: bool) -> RecordLimits:
    """The limits of events that are published now, or each with the time of its event if that is over."""
    return RecordLimits(limits.max_bytes, AGELESS.max_age_ms, limits.max_ahead_ms) if backfill else limits


def mapped_events(
    files: Iterable[Path], mapping: SourceMapping, outcome: FileOutcome, limits: RecordLimits
) -> Iterator[bytes]:
    """The events that a mapping makes of files; what becomes of each record is counted as they are taken.

    Args:
        files: In the source's format.
        mapping: Of the source.
        outcome: What became of them is added to it.
        limits: The size and age that an event may have, by our clock.

    Raises:
        NothingFits: None of the first LOOKED_AT records becomes an event, and some were meant to.
        ConfigurationError: A file cannot be read.
    """
    judged_records = _judged(files, mapping, outcome, limits)
    first = list(islice(judged_records, LOOKED_AT))
    if not any(first) and outcome.faults:
        raise NothingFits(
            f"not one of the first {len(first):,} records fits the source {mapping.source.name}, so nothing is sent"
        )
    yield from chain.from_iterable(chain(first, judged_records))


def _judged(
    files: Iterable[Path], mapping: SourceMapping, outcome: FileOutcome, limits: RecordLimits
) -> Iterator[Sequence[bytes]]:
    known: set[int] = set()
    for file in files:
        for located in records_in(file, mapping.source):
            trial = judged(mapping, located.record, {}, int(time.time() * 1000), limits)
            outcome.records += 1
            if trial.rejected is None:
                outcome.events += len(trial.values)
                _note_repeats(trial.values, f"{file}, {located.place}", known, outcome)
                outcome.dropped += not trial.values
                yield trial.values
                continue
            outcome.rejected[str(trial.rejected.reason)] += 1
            if len(outcome.faults) < NAMED_FAULTS:
                outcome.faults.append((f"{file}, {located.place}", trial))
            yield ()


def _note_repeats(values: Sequence[bytes], place: str, known: set[int], outcome: FileOutcome) -> None:
    for value in values:
        identity = hash(_identity(value))
        if identity in known:
            outcome.repeated += 1
            outcome.repeat = outcome.repeat or place
        elif len(known) < LOOKED_FOR_AGAIN:
            known.add(identity)


def _identity(value: bytes) -> tuple[str, str, str]:
    event = _identities(value)
    return event.source, event.event_id, event.occurred_at[:_OF_MINUTE]


def native_outcome(lines: Iterable[bytes], limits: RecordLimits) -> FileOutcome:
    """What a worker would make of lines that are events already.

    Args:
        lines: JSON texts; empty ones do not count.
        limits: The size and age that an event may have, by our clock.
    """
    outcome, filled = FileOutcome(), filter(None, lines)
    while batch := list(islice(filled, _AT_ONCE)):
        run = decode_run(batch, [int(time.time() * 1000)] * len(batch), limits)
        for position, rejected in run.rejected:
            outcome.rejected[str(rejected.reason)] += 1
            if len(outcome.faults) < NAMED_FAULTS:
                outcome.faults.append((f"event {outcome.records + position + 1}", Trial((), (), rejected)))
        outcome.records += len(batch)
        outcome.events += len(run.events)
    return outcome
