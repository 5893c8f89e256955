"""Breaches of the promise, planted into a simulation: each must be found by it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from unittest.mock import patch

from streams.errors import Unreachable
from streams.figures import days, minutes
from streams.ingest.erased import ErasedFilter
from streams.ingest.ingest import Batch, Ingest
from streams.kafka.transport import ChunkConsumer
from streams.operations import erase
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.proof import Unproven, Witness
from streams.store.statements import Statement
from streams.store.versions import MICROSECOND, Reading
from tests.simulation.clocks import SimulatedTime
from tests.simulation.plan import Theme

SWALLOWED_S: Final = 30.0


async def _commit_first(ingest: Any, batch: Batch) -> None:
    cursors, batch.cursors = batch.cursors, {}
    if cursors and batch.generation == ingest._generation:
        await ingest._commit_landed(cursors, batch.generation)
    await _land(ingest, batch)


def _land_for_a_while(erased: Any, attributed: Any) -> Any:
    now_s = SimulatedTime.monotonic()
    since_s, of = getattr(erased, "tried", (now_s, attributed))
    erased.tried = (since_s, attributed) if of is attributed else (now_s, attributed)
    try:
        return _land_facts(erased, attributed)
    except Unreachable:
        if now_s - erased.tried[0] > SWALLOWED_S:
            return attributed, 0
        raise


def _prove_little(witness: Any, query_id: str, rows: int) -> None:
    try:
        _prove(witness, query_id, rows)
    except Unproven as error:
        if "rows were written" not in str(error):
            raise


def _look_once(store: Store, person: dict[str, Any]) -> Iterator[tuple[list[int], int]]:
    found = [row.minute_s for row in store.fetch(erase._MINUTES, person)]
    if found:
        yield found, len(found)


async def _commit_in_any_generation(consumer: Any, offsets: Any, generation: int | None) -> None:
    await _commit_in_thread(consumer, offsets, None)


def _follow_blindly(ingest: Any, chunk: Any) -> None:
    if chunk.generation != ingest._generation:
        ingest._generation = ingest._batch.generation = chunk.generation
        ingest._taken.clear()
        ingest._batch.cursors.clear()


def _note_first(changes: Any) -> Iterator[tuple[int, int]]:
    # First as often as a refresher that starts looks back: it would find what was noted too early once or twice.
    often = 1 if hasattr(changes, "noted") else minutes.NOTES_BACK
    noted = changes.noted = [changes._looked.next() + number * MICROSECOND for number in range(often)]
    changes._store.insert("refreshes", ("upto", "minutes"), (noted, [0] * len(noted)))
    yield from _recompute(changes)


def _fold_noted_late(store: Any, folded: Any, horizons: Any) -> None:
    late: Any = _Late(store)
    _fold(late, folded, horizons)


class _Late:
    """A store that notes folded days with the time after they were read."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def insert(self, table: str, columns: Sequence[str], data: Sequence[Sequence[Any]]) -> None:
        self._begun = dict(zip(columns, data, strict=True))
        self._store.insert(table, columns, data)

    def run(self, statement: Statement, parameters: Mapping[str, Any]) -> None:
        if not statement.name.endswith("note_folds"):
            self._store.run(statement, parameters)
            return
        folded = len(self._begun["day"])
        late = self._begun | {"clean": [1] * folded, "marked_at": [store_time(self._store)] * folded}
        self._store.insert("day_folds", tuple(late), tuple(late.values()))


def _by_the_clock(reading: Reading, unit: timedelta = MICROSECOND) -> datetime:
    del unit
    return reading.now


_land: Final = Ingest._land
_land_facts: Final = ErasedFilter.land
_prove: Final = Witness.prove
_commit_in_thread: Final = ChunkConsumer._commit_in_thread
_recompute: Final = minutes.Changes.recompute
_fold: Final = days._fold

CLOCK: Final = "versions are the clock's alone, and it steps back"


@dataclass(frozen=True)
class Breach:
    """What is broken.

    Attributes:
        theme: The theme of the plans that may show it.
        replaced: An object, a name in it, and what replaces what it stands for; None where nothing is replaced.
        lacking: Tables whose sorting key lacks a column.
    """

    theme: Theme
    replaced: tuple[object, str, Any] | None = None
    lacking: Mapping[str, str] = field(default_factory=dict)


BREACHES: Final[Mapping[str, Breach]] = {
    "offsets are committed before facts have landed": Breach("anything", (Ingest, "_land", _commit_first)),
    "a landing error is swallowed after 30 s of trying": Breach("anything", (ErasedFilter, "land", _land_for_a_while)),
    "an insert of fewer rows than sent is accepted": Breach("anything", (Witness, "prove", _prove_little)),
    "erase looks once": Breach("erasure", (erase, "_passes", _look_once)),
    "the source is no part of the sorting key": Breach("anything", None, {"events": "source"}),
    CLOCK: Breach("anything", (Reading, "next", _by_the_clock)),
    "the generation is not checked at a commit": Breach(
        "rebalances", (ChunkConsumer, "_commit_in_thread", _commit_in_any_generation)
    ),
    "a skipped chunk goes unnoticed": Breach("anything", (Ingest, "_follow", _follow_blindly)),
    "the watermark is noted before cells are computed": Breach("nights", (minutes.Changes, "recompute", _note_first)),
    "a fold is noted with the time after reading": Breach("figures", (days, "_fold", _fold_noted_late)),
}


@contextmanager
def planted(name: str | None) -> Iterator[Mapping[str, str]]:
    """Plants a breach, or nothing; yields what tables lack."""
    breach = BREACHES[name] if name else None
    if breach is None or breach.replaced is None:
        yield breach.lacking if breach else {}
    else:
        with patch.object(*breach.replaced):
            yield breach.lacking
