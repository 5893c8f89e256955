"""An event loop whose every choice follows from a seed: simulated time, cooperative threads, processes that die.

Threads are greenlets: what `asyncio.to_thread` runs gives way only where it waits (`wait`), so that a refresh or an
erasure interleaves with everything else at each of its requests, and the same seed interleaves it in the same way.
"""

import asyncio
import random
from collections.abc import Callable
from contextvars import Context, ContextVar
from dataclasses import dataclass, field
from heapq import heappop
from typing import Any, Final

from greenlet import getcurrent, greenlet

NEVER: Final = 1 << 60


@dataclass(eq=False)
class Process:
    """A process of the simulation: what it started dies and freezes with it.

    Attributes:
        name: As traces show it.
        steps_left: After so many steps it is killed, wherever it is.
        killed: Called when it is.
        alive: Whether its steps are still run.
        frozen: Whether they are held back.
        held: Those held back.
        remains: Tasks and threads of it, kept until the end: a process that is killed runs no `finally`.
    """

    name: str
    steps_left: int = NEVER
    killed: Callable[[], None] = lambda: None
    alive: bool = True
    frozen: bool = False
    held: list[asyncio.Handle] = field(default_factory=list)
    remains: list[Any] = field(default_factory=list)

    def kill(self) -> None:
        """Ends it at once, as SIGKILL does."""
        if self.alive:
            self.alive = False
            self.killed()


PROCESS: Final[ContextVar[Process]] = ContextVar("PROCESS")
THE_WORLD: Final = Process("world")


class Deadlock(RuntimeError):
    """Nothing is left that could ever go on."""


class SimulatedLoop(asyncio.BaseEventLoop):
    """An event loop without a selector: time passes only when nothing else is left to do."""

    # What BaseEventLoop keeps, and types leave out.
    _ready: Any
    _scheduled: Any
    _stopping: bool

    def __init__(self, choices: random.Random) -> None:
        super().__init__()
        self.choices = choices
        self.now_s = 0.0
        self.steps = 0
        self.unexpected: list[str] = []
        self.set_debug(False)
        self.set_task_factory(self._task)
        self.set_exception_handler(self._note)

    def time(self) -> float:
        """Simulated seconds."""
        return self.now_s

    def _note(self, _: Any, context: dict[str, Any]) -> None:
        self.unexpected.append(f"{context['message']}: {context.get('exception')!r}")

    @staticmethod
    def _task(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **options)
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # those of killed processes are
        context = options.get("context")
        process = context.get(PROCESS, THE_WORLD) if context is not None else PROCESS.get(THE_WORLD)
        process.remains.append(task)
        return task

    def _run_once(self) -> None:
        ready, timers = self._ready, self._scheduled
        while not self._stopping:
            if not ready:
                self._pass_time()
            while timers and timers[0]._when <= self.now_s:
                handle = heappop(timers)
                handle._scheduled = False
                ready.append(handle)
            if len(ready) > 1:
                chosen = int(self.choices.random() * len(ready))
                ready[0], ready[chosen] = ready[chosen], ready[0]
            handle = ready.popleft()
            if not handle._cancelled and self._may_run(handle):
                self.steps += 1
                handle._run()

    def _pass_time(self) -> None:
        timers = self._scheduled
        while timers and timers[0]._cancelled:
            heappop(timers)._scheduled = False
        if not timers:
            raise Deadlock("everything waits, and nothing will ever come")
        self.now_s = max(self.now_s, timers[0]._when)

    def _may_run(self, handle: asyncio.Handle) -> bool:
        process = handle._context.get(PROCESS)  # type: ignore[attr-defined]
        if process is None:
            return True
        if process.frozen:
            process.held.append(handle)
            return False
        process.steps_left -= 1
        if process.steps_left < 0:
            process.kill()
        return bool(process.alive)

    def thaw(self, process: Process) -> None:
        """Lets a frozen process go on."""
        process.frozen = False
        self._ready.extend(process.held)
        process.held.clear()

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":  # type: ignore[override]
        """Runs a function in a thread of the simulation."""
        future = self.create_future()

        def work() -> None:
            try:
                result = func(*args)
            except Exception as error:
                if not future.done():
                    future.set_exception(error)
            else:
                if not future.done():
                    future.set_result(result)

        thread = greenlet(work)
        PROCESS.get(THE_WORLD).remains.append(thread)
        self.call_soon(thread.switch)
        return future

    @staticmethod
    def in_thread() -> bool:
        """Whether a thread of the simulation asks, and not the event loop itself."""
        return getcurrent().parent is not None

    def outside(self, delay_s: float, callback: Callable[[], object]) -> None:
        """Calls back later whatever becomes of the caller: what is on its way arrives when its sender is dead."""
        self.call_later(delay_s, callback, context=Context())

    def close(self) -> None:
        """Forgets what has not run. What a dead process left may still be collected, and then call this loop."""
        self._ready.clear()
        self._scheduled.clear()

    def _process_events(self, event_list: Any) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def __del__(self) -> None:
        pass


def wait(seconds: float) -> None:
    """Waits in a thread of the simulation, while everything else goes on."""
    thread = getcurrent()
    if thread.parent is None:
        raise RuntimeError("only a thread of the simulation can wait; in the event loop, this would block it")
    asyncio.get_running_loop().call_later(seconds, thread.switch)
    thread.parent.switch()
