"""The commit protocol: what a worker may do, in which state. One relation for the model and for traces of real workers.

Each method is a step. It gives the state after it, or says in a sentence why the step is not allowed. Offsets are of
one partition; `next` is the offset after the last. The words are those of the traces (streams/runtime/trace.py).
"""

from typing import NamedTuple

from tests.model.offsets import Spans, add, covers, size, union

Cursors = tuple[tuple[int, int], ...]
"""Partition and next offset, ascending."""


class Refused(str):
    """Why a step is not allowed."""


class Take(NamedTuple):
    """A chunk that was taken and has not landed."""

    tp: int
    first: int
    next: int
    generation: int
    records: int
    rejected: Spans = ()  # dead letters acknowledged


class Cursor(NamedTuple):
    """What has landed and is to be committed."""

    tp: int
    next: int
    generation: int  # in which it was taken


class Sent(NamedTuple):
    """A commit that has no answer yet."""

    cursors: Cursors
    generation: int
    stale: bool  # the group was in a later generation already


class Worker(NamedTuple):
    """What one worker knows."""

    alive: bool = True
    generation: int = 0  # 0: it has not joined
    partitions: tuple[int, ...] = ()
    taken: Cursors = ()  # in this generation
    takes: tuple[Take, ...] = ()  # the oldest first
    landed: tuple[Cursor, ...] = ()
    sent: tuple[Sent, ...] = ()  # at most one


class Partition(NamedTuple):
    """What the outside has of one partition."""

    landed: Spans = ()
    letters: Spans = ()
    committed: tuple[int, ...] = ()  # more than one: answers were lost, it is one of these
    begins: int = 0  # where the log did when it was first read
    committed_in: int = 0  # the generation in which the greatest of them was taken


class State(NamedTuple):
    """All workers, and broker and store."""

    workers: tuple[Worker, ...]
    partitions: tuple[Partition, ...]
    generation: int = 0
    set_back: bool = False  # by a worker that had lost the partition


Outcome = State | Refused


class Protocol:
    """The steps. `breaches` names guards that are off: to prove that what they guard against is found."""

    def __init__(self, breaches: frozenset[str] = frozenset()) -> None:
        self._breaches = breaches

    def lacks(self, breach: str) -> bool:
        """Whether a guard is off."""
        return breach in self._breaches

    def rebalance(self, state: State, w: int, generation: int, partitions: tuple[int, ...]) -> Outcome:
        """A worker joins a generation of the group, which gives it partitions."""
        worker = state.workers[w]
        if generation <= worker.generation:
            return Refused(f"it is in generation {worker.generation} already, and generations only grow")
        for other in state.workers:
            both = set(partitions) & set(other.partitions)
            if both and other is not worker and other.alive and other.generation == generation:
                return Refused(f"partitions {sorted(both)} have another owner in generation {generation}")
        joined = worker._replace(generation=generation, partitions=partitions, taken=(), landed=())
        return _with(state, w, joined)._replace(generation=max(state.generation, generation))

    def take(self, state: State, w: int, chunk: Take) -> Outcome:
        """A worker takes a chunk. What it gathers waits to land."""
        worker, tp = state.workers[w], chunk.tp
        if not worker.alive:
            return Refused("the worker is dead")
        if chunk.generation > worker.generation:
            return Refused(f"the chunk is of generation {chunk.generation}, the worker in {worker.generation}")
        if chunk.generation < worker.generation:  # it has waited: it lands, and gives no offset to commit
            return _with(state, w, worker._replace(takes=(*worker.takes, chunk)))
        if tp not in worker.partitions:
            return Refused(f"partition {tp} is not among those it was given: {worker.partitions}")
        at = state.partitions[tp]
        cursor = dict(worker.taken).get(tp, max(at.committed, default=at.begins))
        if chunk.first > cursor and not self.lacks("a skipped chunk's cursor counts"):
            return Refused(f"offsets {cursor} to {chunk.first - 1} of partition {tp} would be skipped")
        taken = dict(worker.taken) | {tp: chunk.next}
        taken_now = tuple(sorted(taken.items()))
        return _with(state, w, worker._replace(taken=taken_now, takes=(*worker.takes, chunk)))

    def reject(self, state: State, w: int, tp: int, offset: int) -> Outcome:
        """The broker has acknowledged the dead letter of a record that was taken."""
        worker = state.workers[w]
        holding = [
            n
            for n, chunk in enumerate(worker.takes)
            if chunk.tp == tp and chunk.first <= offset < chunk.next and not covers(chunk.rejected, offset, offset + 1)
        ]
        if not holding:
            return Refused(f"offset {offset} of partition {tp} is in no chunk that it has taken and not landed")
        chunk = worker.takes[holding[0]]
        chunk = chunk._replace(rejected=add(chunk.rejected, offset, offset + 1))
        takes = (*worker.takes[: holding[0]], chunk, *worker.takes[holding[0] + 1 :])
        after = _with(state, w, worker._replace(takes=takes))
        if self.lacks("a dead letter is not awaited"):
            return after
        partition = state.partitions[tp]
        return _at(after, tp, partition._replace(letters=add(partition.letters, offset, offset + 1)))

    def land(self, state: State, w: int, chunks: int, rows: int) -> Outcome:
        """The store has proved that the facts of the oldest chunks are there."""
        worker = state.workers[w]
        landing, waiting = worker.takes[:chunks], worker.takes[chunks:]
        if len(landing) < chunks:
            return Refused(f"{chunks} chunks are said to land, and it has taken {len(landing)} that have not")
        accepted = sum(chunk.records - size(chunk.rejected) for chunk in landing)
        if rows != accepted and not self.lacks("fewer rows are accepted"):
            return Refused(f"{rows} rows are in the store, and {accepted} records were neither rejected nor dropped")
        after = state if self.lacks("an error is swallowed") else self.land_unheard(state, w, chunks, rows)
        of_now = [chunk for chunk in landing if chunk.generation == worker.generation or self.lacks(UNCHECKED)]
        return _with(after, w, worker._replace(takes=waiting, landed=_newer(worker.landed, of_now)))

    def land_unheard(self, state: State, w: int, chunks: int, rows: int) -> State:
        """The facts are there, and the worker has no answer: it will send them again."""
        for chunk in state.workers[w].takes[:chunks]:
            partition, first = state.partitions[chunk.tp], chunk.first
            landed, most = partition.landed, rows if self.lacks("fewer rows are accepted") else chunk.next
            for begin, after in (*chunk.rejected, (chunk.next, chunk.next)):
                landed = add(landed, first, min(begin, first + most))
                first = after
            state = _at(state, chunk.tp, partition._replace(landed=landed))
        return state

    def commit(self, state: State, w: int, cursors: Cursors, generation: int, accepted: bool | None) -> Outcome:
        """A worker commits what has landed. `accepted`: the broker's answer; None when it is sent, or has none."""
        worker = state.workers[w]
        if not worker.sent or accepted is None:
            sent = self._send(state, w, cursors, generation)
            if isinstance(sent, Refused):
                return sent
            state, worker = sent, sent.workers[w]
        [sending] = worker.sent
        if (sending.cursors, sending.generation) != (cursors, generation):
            return Refused("another commit of this worker has no answer yet")
        if accepted is None:
            return state
        state = _with(state, w, worker._replace(sent=()))
        if accepted and sending.stale:
            return Refused(f"the group had gone beyond generation {generation}, so a broker does not take it")
        # With an answer late enough that others have committed since, it stays one of those that are possible.
        return _settle(state, cursors) if accepted and state.generation == generation else state

    def _send(self, state: State, w: int, cursors: Cursors, generation: int) -> Outcome:
        worker = state.workers[w]
        if generation != worker.generation:
            return Refused(f"it is of generation {generation}, and the worker is in {worker.generation}")
        landed = {cursor.tp: cursor for cursor in worker.landed}
        for tp, upto in cursors:
            if self.lacks("offsets are committed before landing"):
                landed[tp] = Cursor(tp, upto, generation)
            if tp not in landed:
                return Refused(f"up to {upto} of partition {tp}, of which nothing has landed since its last commit")
            if upto != landed[tp].next:
                return Refused(f"up to {upto} of partition {tp}, and what has landed ends at {landed[tp].next}")
        stale = generation < state.generation
        sent = worker._replace(sent=(Sent(cursors, generation, stale),), landed=())
        state = _with(state, w, sent)
        return state if stale else _possibly(state, [landed[tp] for tp, _ in cursors])

    def crash(self, state: State, w: int) -> Outcome:
        """A worker dies with all that it knew."""
        return _with(state, w, Worker(alive=False))

    def drain_end(self, state: State, w: int, outcome: str, ends: tuple[int, ...]) -> Outcome:
        """A worker says how its drain ended; `ends` of the partitions' logs."""
        for tp, end in enumerate(ends) if outcome == "landed" else ():
            if min(state.partitions[tp].committed, default=0) < end and not self.lacks("a drain does not compare"):
                return Refused(f"not all has landed: partition {tp} ends at {end}, and less is committed")
        return state


UNCHECKED = "the generation is not checked"


def _with(state: State, w: int, worker: Worker) -> State:
    return state._replace(workers=(*state.workers[:w], worker, *state.workers[w + 1 :]))


def _at(state: State, tp: int, partition: Partition) -> State:
    return state._replace(partitions=(*state.partitions[:tp], partition, *state.partitions[tp + 1 :]))


def _newer(landed: tuple[Cursor, ...], chunks: list[Take]) -> tuple[Cursor, ...]:
    found = {cursor.tp: cursor for cursor in landed}
    found |= {chunk.tp: Cursor(chunk.tp, chunk.next, chunk.generation) for chunk in chunks}
    return tuple(sorted(found.values()))


def _possibly(state: State, cursors: list[Cursor]) -> State:
    """With offsets that may be committed from now on."""
    for tp, upto, generation in cursors:
        at = state.partitions[tp]
        back = generation < at.committed_in and upto < max(at.committed)
        possible = tuple(sorted({*at.committed, upto} if at.committed else {at.begins, upto}))
        at = at._replace(committed=possible, committed_in=max(generation, at.committed_in))
        state = _at(state, tp, at)._replace(set_back=state.set_back or back)
    return state


def _settle(state: State, cursors: Cursors) -> State:
    for tp, upto in cursors:
        state = _at(state, tp, state.partitions[tp]._replace(committed=(upto,)))
    return state


def covered(partition: Partition) -> Spans:
    """Offsets that are in the store or whose dead letter is acknowledged."""
    return union(partition.landed, partition.letters) if partition.letters else partition.landed
