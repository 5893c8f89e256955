"""Taking, landing and committing, explored: two partitions, two workers, and all that may go wrong.

Workers take, reject, land and commit as tests/model/protocol.py allows. In between, a few times each: a worker is
killed and started again; the group forms a new generation, which a worker may notice late (a zombie); an insert or a
commit happens and its answer is lost; a commit is refused; who takes over starts from what may have been committed.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from tests.model.offsets import covers
from tests.model.protocol import Outcome, Partition, Protocol, Refused, State, Take, Worker, covered

WORKERS: Final = 2
NO_MEMBER: Final = (-1,)
BAD: Final = "bad"
"""Every other record is the event of its name; two of one name are an event that a publisher sent twice."""


class World(NamedTuple):
    """The protocol's state, and what surrounds it."""

    state: State
    offers: tuple[tuple[int, ...], ...]  # by worker: its partitions in the generation that has been formed
    formed: int = 0
    rows: frozenset[tuple[str, int]] = frozenset()  # what FINAL shows: one row for each sorting key
    crashes: int = 0
    losses: int = 0  # of answers
    regroupings: int = 0  # without a cause
    said_landed: bool = False


Steps = Iterator[tuple[str, World]]


class Ingest:
    """The model."""

    name = "ingest"

    def __init__(
        self,
        events: tuple[tuple[str, ...], ...],
        breaches: frozenset[str] = frozenset(),
        *,
        crashes: int = 0,
        losses: int = 0,
        regroupings: int = 0,
    ) -> None:
        """Of the records of each partition, with so many of each fault."""
        self.bounds = (
            f"2 workers, partitions of {' and '.join(map(', '.join, events))}; "
            f"crashes: {crashes}, lost answers: {losses}, needless rebalances: {regroupings}"
        )
        self._events = events
        self._protocol = Protocol(breaches)
        self._breaches = breaches
        nothing = State((Worker(),) * WORKERS, (Partition(),) * len(events))
        self.initial = World(nothing, (NO_MEMBER,) * WORKERS, crashes=crashes, losses=losses, regroupings=regroupings)
        self.invariants: Mapping[str, Callable[[World], bool]] = {
            "CommittedAfterLanded": committed_after_landed,
            "NothingSkipped": nothing_skipped,
            "LandingTwiceAddsNothing": landing_twice_adds_nothing,
            "NothingSetBack": lambda world: not world.state.set_back,
            "DrainTellsTheTruth": self.drain_tells_the_truth,
        }

    def canonical(self, world: World) -> World:
        """Workers are equal: sorted by what they know."""
        pairs = sorted(zip(world.state.workers, world.offers, strict=True))
        workers, offers = zip(*pairs, strict=True)
        return world._replace(state=world.state._replace(workers=workers), offers=offers)

    def settled(self, world: World) -> bool:
        """All is in the store, or rejected, and committed as far as answers were heard."""
        ends = [len(records) for records in self._events]
        done = zip(world.state.partitions, ends, strict=True)
        return all(covers(covered(at), 0, end) and end in at.committed for at, end in done)

    def steps(self, world: World) -> Steps:
        """Whatever any worker, the group or the world may do."""
        yield from self._form(world)
        for w, worker in enumerate(world.state.workers):
            if not worker.alive:
                yield f"worker {w} starts again", _after(world, _revived(world.state, w))
                continue
            yield from self._join(world, w)
            for ended, sentence in ((self._take(world, w), "takes"), (self._land(world, w), "lands"),
                                    (self._commit(world, w), "commits"), (self._end(world, w), "ends")):  # fmt: skip
                for detail, after in ended:
                    yield f"worker {w} {sentence} {detail}", after

    def drain_tells_the_truth(self, world: World) -> bool:
        """Whoever says that all has landed says what is so."""
        ends = (len(records) for records in self._events)
        return not world.said_landed or all(
            covers(covered(at), 0, end) for at, end in zip(world.state.partitions, ends, strict=True)
        )

    def _form(self, world: World) -> Steps:
        workers = world.state.workers
        alive = [w for w, worker in enumerate(workers) if worker.alive]
        members = {w for w, offer in enumerate(world.offers) if offer != NO_MEMBER}
        needed = not alive or set(alive) != members
        if not alive or not (needed or world.regroupings):
            return
        for split in _splits(alive, len(self._events)):
            offers = tuple(split.get(w, NO_MEMBER) for w in range(len(workers)))
            if needed or offers != world.offers:
                regroupings = world.regroupings - (not needed)
                after = world._replace(offers=offers, formed=world.formed + 1, regroupings=regroupings)
                yield f"the group forms generation {after.formed}: {offers}", after

    def _join(self, world: World, w: int) -> Steps:
        offer, worker = world.offers[w], world.state.workers[w]
        if offer != NO_MEMBER and worker.generation < world.formed:
            yield from self._then(world, f"worker {w} joins with {offer}", self._protocol.rebalance(
                world.state, w, world.formed, offer
            ))  # fmt: skip

    def _take(self, world: World, w: int) -> Steps:
        worker = world.state.workers[w]
        for tp in worker.partitions:
            committed = world.state.partitions[tp].committed or (0,)
            taken = dict(worker.taken).get(tp)
            firsts = {*committed, max(committed) + 1} if taken is None else {taken, taken + 1}
            for first in sorted(firsts):
                if first < len(self._events[tp]) and len(worker.takes) < 2:
                    chunk = Take(tp, first, first + 1, worker.generation, 1)
                    yield from self._then(world, f"{tp}:{first}", self._protocol.take(world.state, w, chunk))

    def _land(self, world: World, w: int) -> Steps:
        worker = world.state.workers[w]
        for chunk in worker.takes:
            if self._events[chunk.tp][chunk.first] == BAD and not chunk.rejected:
                after = self._protocol.reject(world.state, w, chunk.tp, chunk.first)
                yield from self._then(world, f"(rejects) {chunk.tp}:{chunk.first}", after)
                return  # what is bad is rejected before its batch lands
        for chunks in range(1, len(worker.takes) + 1):
            good = [chunk for chunk in worker.takes[:chunks] if not chunk.rejected]
            accepted = len(good) - (1 if good and "fewer rows are accepted" in self._breaches else 0)
            landed = self._rows(world, good, w)
            yield from self._then(landed, f"{chunks}", self._protocol.land(world.state, w, chunks, accepted))
            if world.losses:
                heard = self._protocol.land_unheard(world.state, w, chunks, len(good))
                yield f"{chunks}, and the answer is lost", landed._replace(state=heard, losses=world.losses - 1)

    def _rows(self, world: World, good: list[Take], w: int) -> World:
        # A fact's sorting key is a function of the event alone; the breach puts the time of the insert into it.
        salt = (
            world.state.workers[w].generation + world.losses if "a copy gets a key of its own" in self._breaches else 0
        )
        return world._replace(rows=world.rows | {(self._events[chunk.tp][chunk.first], salt) for chunk in good})

    def _commit(self, world: World, w: int) -> Steps:
        worker = world.state.workers[w]
        cursors = tuple((cursor.tp, cursor.next) for cursor in worker.landed)
        if "offsets are committed before landing" in self._breaches and worker.takes:
            cursors = worker.taken
        if cursors:
            # The broker knows a generation that it has formed before any worker has joined it.
            known = world.state._replace(generation=world.formed)
            stale = worker.generation < world.formed
            answered = self._protocol.commit(known, w, cursors, worker.generation, not stale)
            if stale:
                answered = self._protocol.commit(known, w, cursors, worker.generation, False)
            yield from self._then(world, f"{cursors}{', which is refused' if stale else ''}", answered)
            if world.losses and not stale:
                unheard = self._protocol.commit(known, w, cursors, worker.generation, False)
                lost = world._replace(losses=world.losses - 1)
                yield from self._then(lost, f"{cursors}, and the answer is lost", unheard)

    def _end(self, world: World, w: int) -> Steps:
        # A process that drains stands for the whole instance: whatever it did not land is gone.
        ends = tuple(len(records) for records in self._events)
        if not world.state.workers[w].takes and not world.said_landed:
            drained = self._protocol.drain_end(world.state, w, "landed", ends)
            for sentence, after in self._then(world, "saying that all has landed", drained):
                yield sentence, after._replace(said_landed=True)
        if world.crashes:
            yield "killed", _after(world, self._protocol.crash(world.state, w))._replace(crashes=world.crashes - 1)

    def _then(self, world: World, sentence: str, outcome: Outcome) -> Steps:
        if not isinstance(outcome, Refused):
            yield sentence, _after(world, outcome)


def _after(world: World, outcome: Outcome) -> World:
    if isinstance(outcome, Refused):
        raise AssertionError(outcome)
    offers = tuple(
        offer if worker.alive else NO_MEMBER
        for worker, offer in zip(outcome.workers, world.offers, strict=True)
    )  # fmt: skip
    return world._replace(state=outcome, offers=offers)


def _revived(state: State, w: int) -> State:
    return state._replace(workers=(*state.workers[:w], Worker(), *state.workers[w + 1 :]))


def _splits(group: list[int], partitions: int) -> list[dict[int, tuple[int, ...]]]:
    """The ways to give the partitions to one or two workers."""
    every = tuple(range(partitions))
    halves = [(every[:1], every[1:]), (every[1:], every[:1])]
    return [dict(zip(group, half, strict=True)) for half in halves] if len(group) == 2 else [{group[0]: every}]


def committed_after_landed(world: World) -> bool:
    """No offset is committed before every record below it is in `events`, or its dead letter is acknowledged."""
    return all(covers(covered(at), 0, max(at.committed, default=0)) for at in world.state.partitions)


def nothing_skipped(world: World) -> bool:
    """Whatever lies below what a worker has taken has landed, or waits in it to land."""
    for worker in world.state.workers:
        for tp, upto in worker.taken:
            held = {offset for chunk in worker.takes if chunk.tp == tp for offset in range(chunk.first, chunk.next)}
            there = covered(world.state.partitions[tp])
            if any(offset not in held and not covers(there, offset, offset + 1) for offset in range(upto)):
                return False
    return True


def landing_twice_adds_nothing(world: World) -> bool:
    """However often an event landed, FINAL shows one row of it."""
    return len(world.rows) == len({event for event, _ in world.rows})
