"""Breaches of the promise, planted into a simulation: each must be found by it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from unittest.mock import patch

from metrics.events import facts
from streams.errors import Unreachable
from streams.figures import days, minutes
from streams.ingest.batch import Batch
from streams.ingest.erased import ErasedFilter
from streams.ingest.ingest import Ingest
from streams.kafka.transport import ChunkConsumer
from streams.operations import erase
from streams.store import client
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.proof import Unproven, Witness
from streams.store.statements import Statement
from streams.store.versions import Reading
from tests.simulation import statements
from tests.simulation.clocks import SimulatedTime
from tests.simulation.plan import Theme

SWALLOWED_S: Final = 30.0


async def _commit_first(ingest: Any, batch: Batch) -> int:
    cursors, batch.cursors = batch.cursors, {}
    if cursors and batch.generation == ingest._generation:
        await ingest._commit_landed(cursors, batch.generation)
    return await _land(ingest, batch)


def _land_for_a_while(erased: Any, landing: Any) -> Any:
    now_s = SimulatedTime.monotonic()
    since_s, of = getattr(erased, "tried", (now_s, landing))
    erased.tried = (since_s, landing) if of is landing else (now_s, landing)
    try:
        return _land_facts(erased, landing)
    except Unreachable:
        if now_s - erased.tried[0] > SWALLOWED_S:
            return landing, 0
        raise


def _prove_little(witness: Any, rows: int) -> None:
    try:
        _prove(witness, rows)
    except Unproven as error:
        if "rows were written" not in str(error):
            raise


def _look_once(store: Store, person: Mapping[str, Any], *_: Any) -> Iterator[tuple[list[int], int]]:
    found = [row.minute_s for row in store.fetch(erase._MINUTES, person)]
    if found:
        yield found, len(found)


def _keep_all(_: Any, letters: Sequence[Any]) -> list[Any]:
    return list(letters)


def _by_its_own_time(erased: Any, landing: Any) -> Any:
    return _drop(erased, landing._replace(stamps_ms=landing.columns[facts.COLUMNS.index("occurred_at")]))


def _extend_nothing(_store: Any, _hashes: Any, at: datetime, _latest_ms: int) -> datetime:
    return at


async def _commit_in_any_generation(consumer: Any, offsets: Any, generation: int | None) -> None:
    await _commit_in_thread(consumer, offsets, None)


def _follow_blindly(ingest: Any, chunk: Any) -> None:
    if chunk.generation != ingest._generation:
        ingest._generation = ingest._batch.generation = chunk.generation
        ingest._taken.clear()
        ingest._batch.cursors.clear()


def _note_first(changes: Any) -> Iterator[tuple[int, int]]:
    changes._store.insert("refreshes", ("upto", "minutes"), ([changes._looked.next()], [0]))
    yield from _recompute(changes)


def _fold_noted_late(store: Any, folded: Any, horizons: Any) -> None:
    late: Any = _Late(store)
    _fold(late, folded, horizons)


class _Late:
    """A store that notes folded days as clean with the time after they were read, whoever marked them meanwhile."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def run(self, statement: Statement, parameters: Mapping[str, Any], **other: Any) -> None:
        if not statement.name.endswith("note_folds"):
            self._store.run(statement, parameters, **other)
            return
        folded = parameters["dates"]
        # It takes its time: a recomputation that began after the reading has to end before the note.
        noted_at = [store_time(self._store) for _ in range(10)][-1]
        row = (parameters["short_s"], parameters["long_s"], 1, noted_at)
        short_s, long_s, clean, marked_at = ([value] * len(folded) for value in row)
        columns = ("short_s", "long_s", "day", "clean", "marked_at")
        self._store.insert("day_folds", columns, (short_s, long_s, folded, clean, marked_at))


def _by_the_clock(now_us: int, *_: int) -> int:
    return now_us


def _clock(now: datetime, *_: Any) -> datetime:
    return now


def _next(reading: Any, *_: Any) -> datetime:
    return _clock(reading.now)


_land: Final = Ingest._land
_land_facts: Final = ErasedFilter.land
_drop: Final = ErasedFilter.drop
_prove: Final = Witness.prove_insert
_commit_in_thread: Final = ChunkConsumer._commit_in_thread
_recompute: Final = minutes.Changes.recompute
_fold: Final = days._fold


@dataclass(frozen=True)
class Breach:
    """What is broken.

    Attributes:
        theme: The theme of the plans that may show it.
        replaced: Objects, names in them, and what replaces what they stand for.
        lacking: Tables whose sorting key lacks a column.
    """

    theme: Theme
    replaced: Sequence[tuple[object, str, Any]] = ()
    lacking: Mapping[str, str] = field(default_factory=dict)


BREACHES: Final[Mapping[str, Breach]] = {
    "offsets are committed before facts have landed": Breach("anything", [(Ingest, "_land", _commit_first)]),
    "a landing error is swallowed after 30 s of trying": Breach(
        "anything", [(ErasedFilter, "land", _land_for_a_while)]
    ),
    "an insert of fewer rows than sent is accepted": Breach("anything", [(Witness, "prove_insert", _prove_little)]),
    "erase looks once": Breach("erasure", [(erase, "_passes", _look_once)]),
    "a replay brings rejected events of an erased person back": Breach(
        "erasure", [(ErasedFilter, "without_erased", _keep_all)]
    ),
    "a replay brings facts of a clock that was ahead back": Breach(
        "erasure", [(ErasedFilter, "drop", _by_its_own_time), (erase, "extend", _extend_nothing)]
    ),
    "the source is no part of the sorting key": Breach("anything", lacking={"events": "source"}),
    "versions are the clock's, and the clock steps back": Breach(
        "clock", [(statements, "later", _by_the_clock), (client, "next_version", _clock), (Reading, "next", _next)]
    ),
    "the generation is not checked at a commit": Breach(
        "rebalances", [(ChunkConsumer, "_commit_in_thread", _commit_in_any_generation)]
    ),
    "a skipped chunk goes unnoticed": Breach("anything", [(Ingest, "_follow", _follow_blindly)]),
    "the watermark is noted before cells are computed": Breach(
        "nights", [(minutes.Changes, "recompute", _note_first), (minutes, "NOTES_BACK", 2)]
    ),
    "answers of customers with several are copied before they are there": Breach(
        "figures",
        [
            (minutes, "_RECOMPUTE_ANSWERS", minutes._COPY_REPEATS),
            (minutes, "_COPY_REPEATS", minutes._RECOMPUTE_ANSWERS),
        ],
    ),
    "answers of an erased person stay": Breach("erasure", [(erase, "_ERASE_ANSWERS", erase._ERASE_REPEATS)]),
    "a fold is noted with the time after reading": Breach("figures", [(days, "_fold", _fold_noted_late)]),
}


@contextmanager
def planted(name: str | None) -> Iterator[Mapping[str, str]]:
    """Plants a breach, or nothing; yields what tables lack."""
    breach = BREACHES[name] if name else Breach("anything")
    with ExitStack() as stack:
        for target, attribute, other in breach.replaced:
            stack.enter_context(patch.object(target, attribute, other))
        yield breach.lacking
