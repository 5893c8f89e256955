"""The end of an instance: all that its broker has accepted lands first, which is proved and not assumed.

What is missing is what the broker's logs hold and the group has not committed. While anything is, a worker runs; when
nothing is, and no worker runs any more, the drain is over. `Drain` decides, without I/O or clock; `drain` acts.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Protocol

from streams.errors import CxbError, Unreachable

LAND_WITHIN_S: Final = 60.0
PROGRESS_S: Final = 5.0
POLL_S: Final = 0.5
FIRST_RESTART_PAUSE_S: Final = 0.5
KEPT: Final = "they are kept on disk, and land after the next start"
LAST_LOOK_S: Final = 1.0  # at a second signal, which ends at once
LONGEST_RESTART_PAUSE_S: Final = 5.0

Missing = Mapping[int, int]
"""By partition, how many accepted events have not landed; without partitions where none is missing."""


class NotLanded(CxbError):
    """The instance ended before all that its broker had accepted had landed, or before that was known. Exit code 1."""


class WorkerState(Enum):
    """Of the worker while the instance ends."""

    RUNNING = auto()
    STOPPING = auto()
    ENDED = auto()


class DrainStep(Enum):
    """What the drain does next."""

    WAIT = auto()
    STOP_WORKER = auto()
    START_WORKER = auto()
    DONE = auto()


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known at an instant.

    Attributes:
        at_s: The instant, monotonic seconds.
        worker: The worker's state, looked at before what is missing.
        missing: None where the broker did not say.
    """

    at_s: float
    worker: WorkerState
    missing: Missing | None = None


class DrainedWorker(Protocol):
    """The worker of an ending instance, which only the drain starts and stops."""

    @property
    def state(self) -> WorkerState:
        """Whether it runs."""

    async def start(self) -> None:
        """Starts another one; the last has ended."""

    def ask_to_stop(self) -> None:
        """Makes it land what it has read, and end; it is killed if it takes too long."""

    async def changed(self) -> None:
        """Returns once it has ended; never, if it has."""

    def why(self) -> str:
        """What keeps it from landing, as far as it is known; else ""."""


class Drain:
    """Decides what comes next by what is seen."""

    def __init__(self, began_s: float, drain_s: float) -> None:
        """Begins at an instant (monotonic seconds); after `drain_s` seconds it goes on, and says what is missing."""
        self._deadline_s = began_s + drain_s
        self._next_start_s = began_s
        self._pause_s = FIRST_RESTART_PAUSE_S
        self._next_line_s = began_s + PROGRESS_S
        self._asked = False
        self._held = False
        self._last_line = ""

    def step(self, seen: Seen) -> DrainStep:
        """The next step.

        A worker that runs at the start is stopped at once, since it lands all that is there before it ends: so the stop
        of a healthy instance takes no longer than that. A worker that the drain has started is left to it until
        nothing is missing. Without proof nothing is done: neither no answer nor a worker's exit code is one.
        """
        if seen.worker is WorkerState.RUNNING and (not self._asked or seen.missing == {}):
            self._asked = True
            return DrainStep.STOP_WORKER
        self._asked = True
        if seen.worker is not WorkerState.ENDED or seen.missing is None:
            return DrainStep.WAIT
        if not seen.missing:
            return DrainStep.DONE
        if seen.at_s < self._next_start_s:
            return DrainStep.WAIT
        self._next_start_s = seen.at_s + self._pause_s  # one that dies at once would take the whole processor
        self._pause_s = min(2 * self._pause_s, LONGEST_RESTART_PAUSE_S)
        return DrainStep.START_WORKER

    def has_a_line_due(self, at_s: float) -> bool:
        """Whether the operator should read something at an instant, for which what is missing is to be known."""
        return at_s >= self._next_line_s or self._overdue(at_s)

    def lines(self, seen: Seen, why: Callable[[], str]) -> Iterator[str]:
        """What the operator should read now, if anything: how far it is, and once that the deadline has passed."""
        if seen.missing == {} or not self.has_a_line_due(seen.at_s):
            return
        self._next_line_s = seen.at_s + PROGRESS_S
        cause = why()
        reason = f" ({cause})" if cause else ""
        if self._overdue(seen.at_s):
            self._held = True
            yield f"{accounted(seen.missing)}{reason}; it goes on until they land or you press Ctrl-C again; {KEPT}"
        elif (line := f"stopping: {accounted(seen.missing)}{reason}") != self._last_line:
            self._last_line = line
            yield line

    def _overdue(self, at_s: float) -> bool:
        return not self._held and at_s >= self._deadline_s


def accounted(missing: Missing | None) -> str:
    """What is missing, in words.

    >>> accounted({0: 1200, 3: 1})
    '1,201 events accepted but not landed: partition 0: 1,200, partition 3: 1'
    >>> accounted(None)
    'it is not known which accepted events have not landed: the broker does not answer'
    """
    if missing is None:
        return "it is not known which accepted events have not landed: the broker does not answer"
    total = sum(missing.values())
    by_partition = ", ".join(f"partition {partition}: {count:,}" for partition, count in sorted(missing.items()))
    return f"{total:,} event{'s' if total != 1 else ''} accepted but not landed: {by_partition or 'none'}"


@dataclass(frozen=True, slots=True)
class Around:
    """What a drain has around it.

    Attributes:
        look: Asks the broker what is missing; Unreachable where it does not answer.
        say: Called with lines for the operator.
        forced: Ends the drain at once.
        poll_s: Seconds between two looks.
    """

    look: Callable[[], Awaitable[Missing]]
    say: Callable[[str], None]
    forced: asyncio.Event
    poll_s: float = POLL_S


async def drain(worker: DrainedWorker, around: Around, drain_s: float = LAND_WITHIN_S) -> None:
    """Returns when all that the broker has accepted has landed and the worker has ended.

    After `drain_s` seconds it says what is missing, and goes on until that lands or it is forced to end.

    Raises:
        NotLanded: It was ended before, and something is missing, or it is not known.
    """
    now_s = asyncio.get_running_loop().time
    plan = Drain(now_s(), drain_s)
    seen, last_known = await _first_look(worker, around, now_s()), None
    while (step := plan.step(seen)) is not DrainStep.DONE:
        if step is DrainStep.STOP_WORKER:
            worker.ask_to_stop()
        elif step is DrainStep.START_WORKER:
            around.say(f"{accounted(seen.missing)}: starting a worker to land them")
            await worker.start()
        await _first(around.poll_s, around.forced.wait(), worker.changed())
        if around.forced.is_set():
            await _give_up(around, last_known)
            return
        state = worker.state  # before the look: what a worker commits after it is not counted as missing
        look = state is not WorkerState.STOPPING or plan.has_a_line_due(now_s())
        seen = Seen(now_s(), state, await _looked(around) if look else None)
        last_known = seen.missing or last_known
        for line in plan.lines(seen, worker.why):
            around.say(line)


async def _first_look(worker: DrainedWorker, around: Around, at_s: float) -> Seen:
    # Where one runs it is stopped whatever is missing: no time is spent on a look.
    state = worker.state
    return Seen(at_s, state, await _looked(around) if state is WorkerState.ENDED else None)


async def _looked(around: Around) -> Missing | None:
    looking = asyncio.ensure_future(around.look())
    await _first(None, around.forced.wait(), looking)
    with suppress(Unreachable):
        return looking.result() if looking.done() else None
    return None


async def _give_up(around: Around, last_known: Missing | None) -> None:
    missing = last_known
    with suppress(Unreachable, TimeoutError):
        missing = await asyncio.wait_for(around.look(), LAST_LOOK_S)
    if missing != {}:
        raise NotLanded(f"ended at once, as requested: {accounted(missing)}; {KEPT}")


async def _first(timeout_s: float | None, *events: Awaitable[object]) -> None:
    """Waits for one of them, and gives the others up."""
    waiting = [asyncio.ensure_future(event) for event in events]
    try:
        await asyncio.wait(waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
