"""A world: workers, broker, store, publisher and operator on one seeded loop, and what must hold of them."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextvars import copy_context
from typing import Any, Final

from aiokafka.errors import KafkaError
from faust.types import TP

from metrics.durations import DAY_S
from streams.figures import minutes
from streams.ingest.ingest import ChunkSkipped
from streams.store.client import Store
from tests.simulation.broker import TOPIC, Broker
from tests.simulation.clocks import STARTS_US
from tests.simulation.instance import Life, SimulatedInstance
from tests.simulation.invariants import DRAINED, ESCAPES, MOVES, Expected, Violation, check_days, check_figures
from tests.simulation.loop import NEVER, PROCESS, THE_WORLD, Process, SimulatedLoop
from tests.simulation.operators import Operators
from tests.simulation.plan import BUSY_S, LIVES, Plan
from tests.simulation.published import Publication, publications
from tests.simulation.store import Engine, Weather
from tests.simulation.tables import Row, tables
from tests.simulation.tracing import Trace
from tests.simulation.worker import SimulatedWorker, by_partition

FROZEN_S: Final = 5.0
_recompute: Final = minutes.recompute
CALM_S: Final = 200.0
SETTLED_S: Final = 70.0
"""More than a sweep of the refresher, which looks back once a minute."""

REFRESHED_S: Final = 3.0
"""More than what a refresh does after it has noted how far it is."""

NIGHT_S: Final = 400.0
"""Longer than a sweep looks back: who takes over then has nothing to go by but what is noted."""


class World:
    """One simulation."""

    def __init__(self, plan: Plan, lacking: Mapping[str, str]) -> None:
        self.plan = plan
        self.loop = SimulatedLoop(random.Random(plan.seed))
        self.trace = Trace(self.loop)
        self.engine = Engine(self.loop, tables(lacking))
        self.engine.happened = self._happened
        self.broker = Broker(self.loop, 2, self._committed)
        self.expected = Expected(self.engine.tables, self.broker.letters)
        self.processes: list[Process] = []
        self.open = asyncio.Event()
        self.open.set()
        self.lives = [0] * plan.workers
        self.newest: dict[int, Life] = {}
        self.ending = self.calm = False
        self.notes = 0
        self.computing: dict[int, set[Process]] = defaultdict(set)
        self.violation: Violation | None = None
        self.operators = Operators(plan, self.engine, self.trace, self._replay)
        self.published = False

    def _committed(self, offsets: Mapping[TP, int], generation: int, accepted: bool) -> None:
        self.trace.emit("commit", next=by_partition(offsets), generation=generation, accepted=accepted)
        if not accepted:
            return
        try:
            self.expected.check_commit(self.broker.offsets, offsets)
        except Violation as violation:
            self.violation = self.violation or violation

    def _happened(self, what: str, rows: list[Row]) -> None:
        if what == "refreshes" and rows:
            self.trace.emit("refresh_note", upto=rows[0]["upto"])
            self.notes += 1
        elif what == "erased" and rows:
            self.trace.emit("erase_mark")
        elif what == "minutes_of_person":
            self.trace.emit("erase_look")
        elif what == "day_folds":
            for row in rows:
                if row["clean"]:
                    self.trace.emit("fold", day=row["day"])
            self._check_folds(rows)

    def _check_folds(self, rows: list[Row]) -> None:
        # A statement that comes late changes cells when nobody computes any, until the next look.
        if any(row["clean"] for row in rows) and not {"late", "twice"}.intersection(self.plan.faults):
            try:
                check_days(self.engine.tables, {day for day, who in self.computing.items() if who})
            except Violation as violation:
                self.violation = self.violation or violation

    def recompute(self, store: Store, seconds: Sequence[int], **options: Any) -> None:
        """The service's own; meanwhile, and if it does not come to its end, its days may be behind their cells."""
        process, found = PROCESS.get(THE_WORLD), {second // DAY_S for second in seconds}
        for day in found:
            self.computing[day].add(process)
        _recompute(store, seconds, **options)
        for day in found:
            self.computing[day].discard(process)

    async def _publish(self) -> None:
        for record in publications(self.loop.choices, self.plan.records):
            await asyncio.sleep(self.loop.choices.random() * BUSY_S / self.plan.records * 1.5)
            tp = self.loop.choices.choice(list(self.broker.logs))
            stamp_ms = STARTS_US // 1000 + int(self.loop.now_s * 1000)
            self._append(tp, record, stamp_ms)
        self.published = True

    def _append(self, tp: TP, record: Publication, stamp_ms: int) -> tuple[int, int]:
        place = tp.partition, self.broker.logs[tp].append(record.value, stamp_ms)
        self.expected.records[place], self.expected.stamps_ms[place] = record, stamp_ms
        return place

    def _replay(self) -> None:
        # As they were: what of them is of the erased customer is to stay out.
        for (partition, offset), record in list(self.expected.records.items()):
            tp = TP(TOPIC, partition)
            self.expected.replayed.add(self._append(tp, record, self.expected.stamps_ms[partition, offset]))

    def _begin_life(self, number: int) -> Life:
        def killed() -> None:
            self.trace.emit("crash", process.name)
            life.ended.set()

        lives = self.lives[number]
        may_die = lives < LIVES and (self.plan.drains or self.loop.now_s < BUSY_S) and not self.calm
        process = Process(f"w{number}", self.plan.kills[number][lives] if may_die else NEVER, killed)
        life = Life(process)
        self.lives[number] += 1
        self.processes.append(process)
        self.newest[number] = life
        context = copy_context()
        context.run(PROCESS.set, process)
        task = self.loop.create_task(self._live(f"w{number}.{lives}", life.stop), context=context)

        def ended(_: object) -> None:
            process.alive = False
            life.ended.set()

        task.add_done_callback(ended)
        return life

    async def _supervise(self, number: int) -> None:
        while not self.ending:
            await self.open.wait()
            life = self._begin_life(number)
            await life.ended.wait()
            await asyncio.sleep(self.loop.choices.uniform(0.2, 3))

    async def _live(self, member: str, stop: asyncio.Event) -> None:
        worker = SimulatedWorker(member, self.broker, self.engine, self.trace, drain=self.plan.drains)
        try:
            await worker.run(stop)
        except Exception as error:
            self.trace.emit("end", error=f"{type(error).__name__}: {error}"[:100])
            if not isinstance(error, ChunkSkipped | RuntimeError | KafkaError):
                self.violation = self.violation or Violation(ESCAPES, repr(error))
            return
        await worker.group.stop()

    async def _fail(self) -> None:
        plan = self.plan
        self.engine.weather = Weather(plan.often, plan.faults, plan.slowest_s)
        self.broker.weather = Weather(plan.often / 2, plan.faults, 0.05)
        self.broker.skips = plan.skips
        moments = [(when, self.broker.rebalance) for when in plan.rebalances_s]
        if plan.frozen_s:
            moments.append((plan.frozen_s, self._freeze))
        if plan.away_s:
            moments += [(plan.away_s, lambda: self._away(True)), (plan.back_s, lambda: self._away(False))]
        if plan.cut_off_s:
            moments.append((plan.cut_off_s, lambda: self._cut_off("w0")))
            moments.append((plan.cut_off_s + plan.cut_for_s, lambda: self._cut_off("")))
        if plan.heavy_s:
            moments.append((plan.heavy_s, lambda: self._refuse("recompute_cells")))
            moments.append((plan.heavy_s + NIGHT_S, lambda: None))
        if plan.stepped_s:
            moments.append((BUSY_S / 2, self._step_clock))
        for when, act in sorted(moments, key=lambda moment: moment[0]):
            await asyncio.sleep(max(0.0, when - self.loop.now_s))
            act()
        await asyncio.sleep(max(0.0, BUSY_S - self.loop.now_s))

    def _away(self, away: bool) -> None:
        self.engine.weather.away = away

    def _cut_off(self, name: str) -> None:
        self.engine.cut_off = name

    def _refuse(self, statement: str) -> None:
        self.engine.refused = statement

    def _step_clock(self) -> None:
        self.engine.stepped_us -= int(self.plan.stepped_s * 1e6)

    def _freeze(self) -> None:
        process = next((found for found in self.processes if found.alive and found.name == "w0"), None)
        if process is not None:
            process.frozen = True
            self.loop.outside(FROZEN_S, lambda: self.loop.thaw(process))

    async def run(self) -> None:
        """Runs it, and checks what must hold when everything is quiet.

        Raises:
            Violation: Something does not.
        """
        background = [self.broker.coordinate(), self._publish()]
        background += [self._supervise(number) for number in range(self.plan.workers)]
        tasks = [asyncio.ensure_future(part) for part in background]
        operating = self.operators.begin()
        failing = asyncio.ensure_future(self._fail())
        if self.plan.drains:
            await asyncio.sleep(BUSY_S)
            await self._drained(tasks)
        await failing
        self.engine.weather, self.broker.weather, self.broker.skips = Weather(), Weather(), 0.0
        self.engine.cut_off = self.engine.refused = ""
        self.calm = True
        if self.plan.ending != "same":
            await self._take_over()
        await self._quiet(operating)
        await self._refreshed()
        check_days(self.engine.tables)  # before the next sweep, which computes it all again
        await asyncio.sleep(SETTLED_S if self.plan.ending == "same" else REFRESHED_S)
        self._check([*tasks, *operating])

    async def _take_over(self) -> None:
        self.open.clear()
        for process in self.processes:
            process.kill()
        await asyncio.sleep(NIGHT_S if self.plan.ending == "night" else 1)
        self.open.set()

    async def _drained(self, tasks: list[Any]) -> None:
        while not self.published:  # noqa: ASYNC110
            await asyncio.sleep(1)
        self.ending = True
        instance = SimulatedInstance(self.broker, self.newest.get(0), lambda: self._begin_life(0))
        self.trace.emit("drain_start")
        outcome = await instance.end(self.plan.forced_s)
        self.trace.emit("drain_end", outcome=outcome)
        if outcome == "landed":
            self.expected.check_landed(DRAINED)
        self.ending = False
        tasks.append(asyncio.ensure_future(self._supervise(0)))

    async def _quiet(self, operating: "list[asyncio.Future[None]]") -> None:
        until_s = self.loop.now_s + CALM_S
        while not (self.published and self._all_committed() and all(work.done() for work in operating)):
            if self.loop.now_s > until_s or self.violation:
                raise self.violation or Violation(MOVES, f"committed {self.broker.offsets}")
            await asyncio.sleep(1)

    async def _refreshed(self) -> None:
        until_s, upto = self.loop.now_s + CALM_S, self.notes + 2
        while self.notes < upto:
            if self.loop.now_s > until_s:
                raise Violation(MOVES, "nobody refreshes")
            await asyncio.sleep(1)

    def _all_committed(self) -> bool:
        return all(self.broker.offsets.get(tp, 0) == len(log.records) for tp, log in self.broker.logs.items())

    def _check(self, tasks: list[Any]) -> None:
        if self.violation:
            raise self.violation
        for task in tasks:
            if task.done() and task.exception():
                raise task.exception()
        if self.loop.unexpected:
            raise Violation(ESCAPES, self.loop.unexpected)
        self.expected.check_landed()
        if self.operators.erased:
            self.expected.check_erased()
        check_figures(self.engine.tables)
