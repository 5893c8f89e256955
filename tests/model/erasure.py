"""Erasing a person while a worker lands facts: explored with a record of the person that is read twice.

A worker looks up who is erased, and may use what it saw for a while; the insert that follows is visible later. Erasing
notes the person, then looks for facts, deletes what it finds, and waits in between. It is done after two looks in a row
that found nothing. What all of it stands on: an insert is visible within a wait of the look that let it pass.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

WAIT: Final = 2
"""Ticks between two looks; an insert is visible in fewer, counted from the worker's look at who is erased."""


class Insert(NamedTuple):
    """A fact of the person on its way."""

    allowed: int  # the tick of the look at who is erased


class World(NamedTuple):
    """Everything."""

    tick: int = 0
    looked: int = -1  # the tick at which the worker last looked at who is erased; -1: never
    knows: bool = False  # it saw the person among them
    reads: int = 2  # how often the person's record is still read: a replay, or after a crash
    inserts: tuple[Insert, ...] = ()
    fact: bool = False
    cell: bool = False  # counts the person
    noted: bool = False
    quiet: int = 0  # looks in a row that found nothing
    next_look: int = 0
    touched: bool = False
    done: bool = False


Steps = Iterator[tuple[str, World]]
LAST_TICK: Final = 6


class Erasure:
    """The model."""

    name = "erasure"
    bounds = "1 person, whose record is read twice; 6 ticks; inserts that overlap the erasure in every way"

    def __init__(self, breaches: frozenset[str] = frozenset()) -> None:
        self._looks = 1 if "one look is enough to erase" in breaches else 2
        self.initial = World()
        self.invariants: Mapping[str, Callable[[World], bool]] = {"ErasedStaysErased": erased_stays_erased}

    def canonical(self, world: World) -> World:
        """Inserts are equal."""
        return world._replace(inserts=tuple(sorted(world.inserts)))

    def settled(self, world: World) -> bool:
        """The person is erased, or time is over."""
        return world.done or world.tick == LAST_TICK

    def steps(self, world: World) -> Steps:
        """Whatever may happen."""
        oldest = min((insert.allowed for insert in world.inserts), default=world.tick)
        if world.tick < LAST_TICK and world.tick + 1 - oldest < WAIT:
            yield "a tick passes", world._replace(tick=world.tick + 1)
        yield from self._land(world)
        if not world.noted:
            yield "the person is noted as erased", world._replace(noted=True, next_look=world.tick)
        elif not world.done and world.tick >= world.next_look:
            yield from self._erase(world)

    def _land(self, world: World) -> Steps:
        yield "the worker looks up who is erased", world._replace(looked=world.tick, knows=world.noted)
        fresh = world.looked >= 0 and world.tick - world.looked < WAIT
        if world.reads and fresh and not world.knows:
            inserts = (*world.inserts, Insert(world.looked))
            yield "the worker inserts a fact of the person", world._replace(inserts=inserts, reads=world.reads - 1)
        for n in range(len(world.inserts)):
            left = world.inserts[:n] + world.inserts[n + 1 :]
            yield "the fact is visible, and counted", world._replace(inserts=left, fact=True, cell=True)

    def _erase(self, world: World) -> Steps:
        after = world._replace(next_look=world.tick + WAIT)
        if world.fact:
            yield "erasing finds facts and deletes them", after._replace(fact=False, touched=True, quiet=0)
        elif world.quiet + 1 < self._looks:
            yield "erasing finds nothing", after._replace(quiet=world.quiet + 1)
        else:
            cell = world.cell and not world.touched
            yield "erasing finds nothing, counts again and is done", after._replace(done=True, cell=cell)


def erased_stays_erased(world: World) -> bool:
    """When erasing is done, no fact of the person is there or comes back, and no cell counts one."""
    return not (world.done and (world.fact or world.inserts or world.cell))
