"""Facts become cells, cells become a folded day: with crashes, late statements and a store's clock that steps back.

Facts land in one minute of one day. An insert gets its version when it begins, and is visible when it ends. A refresh
looks for facts by their versions, reads them, writes the cell, and notes how far it has looked. Every few looks it also
looks further back: for inserts that took long. A fold reads the cell, writes the day, and notes that the day is clean.

No version is the clock's alone: it is max(the clock, what is there + 1), a hybrid logical clock. What is read and what
is written are two steps, and a refresher that dies may leave a statement that is carried out later.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

TICK: Final = 8
"""Versions in a tick of the store's clock: many more than there are steps of one version."""

OVERLAP: Final = 4
"""How far a look goes back beyond the one before. An insert may take longer: a sweep finds it."""


NONE: Final = -1_000


class Fact(NamedTuple):
    """One insert of one fact."""

    version: int = NONE  # given when it begins
    visible: bool = False
    swept: bool = False  # a sweep has looked while it was not visible: it is by the next, no insert takes longer


class Cell(NamedTuple):
    """What the store shows of the minute: the row with the greatest version, of equal ones the last."""

    version: int = 0
    facts: frozenset[int] = frozenset()


class Day(NamedTuple):
    """The day: its folded sums, and whether they stand."""

    facts: frozenset[int] = frozenset()
    clean: bool = False
    marked: bool = False  # since the fold that is under way began


class Refresher(NamedTuple):
    """What one refresher knows. `at` is what it does next."""

    at: str = "look"  # look, mark, read, write, mark again, note
    news: bool = True  # there may be something that it has not looked for
    looked: int = NONE  # the version up to which it has looked
    swept: bool = False  # the last look was a sweep, and facts have not become visible since
    seen: int = 0  # the greatest version that was there then
    found: frozenset[int] = frozenset()
    read: Cell = Cell()


class Fold(NamedTuple):
    """What a fold knows."""

    at: str = "begin"  # begin, read, write, note
    read: frozenset[int] = frozenset()


class World(NamedTuple):
    """Everything."""

    facts: tuple[Fact, ...]
    refresher: Refresher = Refresher()
    fold: Fold = Fold()
    cell: Cell = Cell()
    day: Day = Day()
    noted: int = 0
    seen: tuple[int, int] = (0, 0)  # at the last two sweeps
    promised: frozenset[int] = frozenset()  # facts that a refresh had found when it noted how far it had looked
    late: tuple[Cell, ...] = ()  # of a refresher that died: the store has not carried it out
    clock: int = 0  # the store's
    ticks: int = 1
    crashes: int = 1
    steps_back: int = 1
    went_back: bool = False


Steps = Iterator[tuple[str, World]]


class Figures:
    """The model."""

    def __init__(self, breaches: frozenset[str] = frozenset(), *, folds: bool) -> None:
        self._breaches = breaches
        self._folds = folds
        self.name = "folds" if folds else "figures"
        clock = "a clock that stands still" if folds else "a clock that ticks once and steps back once"
        self.bounds = f"2 facts of one minute; a refresher that crashes once, leaving a statement; {clock}"
        # Nothing about folds depends on the clock: what comes between is what counts.
        self.initial = World((Fact(),) * 2, ticks=0 if folds else 1, steps_back=0 if folds else 1)
        self.invariants: Mapping[str, Callable[[World], bool]] = {
            "CellsEqualRecount": cells_equal_recount,
            "NotedMeansReflected": lambda world: world.promised <= world.cell.facts,
            "CleanFoldsAreTrue": clean_folds_are_true,
            "VersionsNeverGoBack": lambda world: not world.went_back,
        }

    def canonical(self, world: World) -> World:
        """Nothing is like another here."""
        return world

    def settled(self, world: World) -> bool:
        """Everything has landed and is counted, and the day is folded."""
        return quiet(world) and (world.day.clean or not self._folds)

    def steps(self, world: World) -> Steps:
        """Whatever may happen."""
        yield from self._time(world)
        yield from self._insert(world)
        yield from self._refresh(world)
        if self._folds:
            yield from self._fold(world)
        if world.crashes and world.refresher.at != "look":
            left = (world.refresher.read,) if world.refresher.at == "write" else ()
            dead = world._replace(crashes=world.crashes - 1, refresher=Refresher())
            yield f"the refresher dies before it comes to '{world.refresher.at}'", dead
            if left:
                yield "the refresher dies, and its statement is carried out later", dead._replace(late=left)
        for cell in world.late:
            # If the store's clock stands behind, it may win over its successor's: until the next sweep.
            shown = self._show(world, cell)
            me = world.refresher._replace(swept=False, found=world.refresher.found & shown.cell.facts)
            shown = shown._replace(late=(), refresher=me, promised=world.promised & shown.cell.facts)
            yield "the dead refresher's statement is carried out", shown

    def _version(self, world: World, seen: int) -> int:
        """The version of something that comes after `seen`."""
        return world.clock if "versions are the clock's" in self._breaches else max(world.clock, seen + 1)

    def _seen(self, world: World) -> int:
        return max([world.noted, *(fact.version for fact in world.facts if fact.visible)])

    def _time(self, world: World) -> Steps:
        if world.ticks:
            yield "a tick passes", world._replace(clock=world.clock + TICK, ticks=world.ticks - 1)
        if world.steps_back:
            back = world._replace(clock=world.clock - 3 * TICK, steps_back=world.steps_back - 1)
            yield "the store's clock steps back", back

    def _insert(self, world: World) -> Steps:
        for n, fact in enumerate(world.facts):
            if fact.version == NONE and (n == 0 or world.facts[n - 1].version != NONE):
                version = self._version(world, self._seen(world))
                begun = _put(world, n, fact._replace(version=version))
                yield f"insert {n} begins with version {version}", begun
            elif fact.version != NONE and not fact.visible:
                me = world.refresher._replace(swept=False, news=True)
                visible = _put(world, n, fact._replace(visible=True))._replace(refresher=me)
                yield f"insert {n} is visible", visible

    def _refresh(self, world: World) -> Steps:
        me = world.refresher
        if me.at == "look":
            yield from self._look(world)
        elif me.at in ("mark", "mark again"):
            day = world.day._replace(marked=True, clean=False)
            if me.at == "mark again" and "days are not marked after their cells changed" in self._breaches:
                day = world.day
            after = "read" if me.at == "mark" else ("look" if self._early() else "note")
            yield f"the refresher marks the day ({me.at})", world._replace(day=day, refresher=me._replace(at=after))
        elif me.at == "read":
            facts = frozenset(n for n, fact in enumerate(world.facts) if fact.visible)
            version = self._version(world, max(world.noted, world.cell.version))
            read = me._replace(at="write", read=Cell(version, facts))
            yield f"the refresher reads facts {sorted(facts)}", world._replace(refresher=read)
        elif me.at == "write":
            shown = self._show(world, me.read)
            yield "the refresher writes the cell", shown._replace(refresher=me._replace(at="mark again"))
        elif me.at == "note":
            after = "mark" if self._early() else "look"
            back = me.looked < world.noted
            noted = world._replace(noted=max(world.noted, me.looked), went_back=world.went_back or back)
            noted = noted._replace(promised=world.promised | me.found, refresher=me._replace(at=after))
            yield f"the refresher notes {me.looked}", self._over(noted)

    def _over(self, world: World) -> World:
        """The end of a refresh; what a sweep has seen is where the one after the next begins."""
        return world._replace(seen=(world.seen[1], world.refresher.seen)) if world.refresher.swept else world

    def _early(self) -> bool:
        return "a watermark is noted before its cells" in self._breaches

    def _look(self, world: World) -> Steps:
        me = world.refresher
        before = me.looked if me.looked != NONE else world.noted
        visible = {n: fact.version for n, fact in enumerate(world.facts) if fact.visible}
        pending = [fact for fact in world.facts if fact.version != NONE and not fact.visible]
        for swept in (False,) * me.news + (True,) * (not me.swept):
            since = min(before - OVERLAP, world.seen[0]) if swept else before - OVERLAP
            found = frozenset(n for n, version in visible.items() if version >= since or not world.noted)
            looked = self._version(world, self._seen(world))
            at = "look" if not found else ("note" if self._early() else "mark")
            after = world._replace(refresher=Refresher(at, False, looked, swept, self._seen(world), found))
            if swept and (world.late or any(fact.swept for fact in pending)):
                continue  # no insert, and no statement of a dead refresher, takes longer
            if swept:
                facts = tuple(fact._replace(swept=fact in pending) for fact in world.facts)
                after = (after if found else self._over(after))._replace(facts=facts)
            yield f"the refresher {'sweeps' if swept else 'looks'} from {since} up to {looked}", after

    def _show(self, world: World, cell: Cell) -> World:
        return world._replace(cell=cell) if cell.version >= world.cell.version else world

    def _fold(self, world: World) -> Steps:
        me, day = world.fold, world.day
        if me.at == "begin" and not day.clean and world.cell.facts:
            yield "a fold begins", world._replace(day=day._replace(marked=False), fold=Fold("read"))
        elif me.at == "read":
            yield "the fold reads", world._replace(fold=me._replace(at="write", read=world.cell.facts))
        elif me.at == "write":
            yield "the fold writes", world._replace(day=day._replace(facts=me.read), fold=me._replace(at="note"))
        elif me.at == "note":
            late = "a fold is noted with the time after reading" in self._breaches
            noted = day._replace(clean=late or not day.marked, marked=False)
            yield "the fold notes that the day is clean, unless it was marked", world._replace(day=noted, fold=Fold())


def _put(world: World, n: int, fact: Fact) -> World:
    return world._replace(facts=(*world.facts[:n], fact, *world.facts[n + 1 :]))


def quiet(world: World) -> bool:
    """All facts are visible, a sweep has come to its end since, and nothing is under way."""
    me = world.refresher
    over = me.at == "look" and me.swept and not world.late and world.fold.at == "begin"
    return over and all(fact.visible for fact in world.facts)


def cells_equal_recount(world: World) -> bool:
    """When nothing is under way, each cell is what a recount of the facts gives."""
    return not quiet(world) or world.cell.facts == frozenset(range(len(world.facts)))


def clean_folds_are_true(world: World) -> bool:
    """When nothing is under way, the fold of a day that is clean is what its cells give."""
    return not (quiet(world) and world.day.clean) or world.day.facts == world.cell.facts
