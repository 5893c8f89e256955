import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from streams.embedded.drain import KEPT, Around, Drain, DrainStep, Missing, NotLanded, Seen, WorkerState, drain
from streams.errors import Unreachable

RUNNING, STOPPING, ENDED = WorkerState.RUNNING, WorkerState.STOPPING, WorkerState.ENDED
LEFT = {0: 1200, 3: 1}


def steps(plan: Drain, seen: Iterable[Seen]) -> list[DrainStep]:
    return [plan.step(one) for one in seen]


def lines(plan: Drain, *seen: Seen, why: str = "") -> list[str]:
    return [line for one in seen for line in plan.lines(one, lambda: why)]


def test_a_worker_that_runs_is_stopped_at_once_and_the_drain_ends_when_nothing_is_missing_after_it() -> None:
    seen = [Seen(0, RUNNING), Seen(1, STOPPING), Seen(2, ENDED, {})]
    assert steps(Drain(0, 60), seen) == [DrainStep.STOP_WORKER, DrainStep.WAIT, DrainStep.DONE]


def test_nothing_missing_ends_no_drain_while_a_worker_runs() -> None:
    assert steps(Drain(0, 60), [Seen(0, ENDED, {0: 1}), Seen(1, RUNNING, {}), Seen(1, STOPPING, {})]) == [
        DrainStep.START_WORKER,
        DrainStep.STOP_WORKER,
        DrainStep.WAIT,
    ]


def test_while_something_is_missing_and_no_worker_runs_one_is_started_at_once() -> None:
    assert steps(Drain(0, 60), [Seen(0, ENDED, LEFT), Seen(0.5, RUNNING, LEFT), Seen(9, RUNNING, LEFT)]) == [
        DrainStep.START_WORKER,
        DrainStep.WAIT,
        DrainStep.WAIT,
    ]


def test_a_worker_that_dies_in_a_loop_is_started_again_after_pauses_that_grow_to_five_seconds() -> None:
    plan = Drain(0, 60)
    started = [tenth / 10 for tenth in range(400) if plan.step(Seen(tenth / 10, ENDED, LEFT)) is DrainStep.START_WORKER]
    pauses = [round(after - before, 3) for before, after in pairwise(started)]
    assert started[0] == 0.0
    assert pauses == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0]


@pytest.mark.parametrize("worker", [ENDED, STOPPING])
def test_a_broker_that_does_not_answer_proves_nothing(worker: WorkerState) -> None:
    assert steps(Drain(0, 60), [Seen(second, worker) for second in range(1000)]) == [DrainStep.WAIT] * 1000


def test_what_is_left_is_said_every_five_seconds_and_only_when_it_has_changed() -> None:
    plan = Drain(0, 60)
    assert lines(plan, *(Seen(tenth / 10, STOPPING, LEFT) for tenth in range(200)), why="the disk is full") == [
        "stopping: 1,201 events accepted but not landed: partition 0: 1,200, partition 3: 1 (the disk is full)"
    ]
    assert lines(plan, Seen(21, STOPPING, {3: 1}), Seen(30, STOPPING, {})) == [
        "stopping: 1 event accepted but not landed: partition 3: 1"
    ]


def test_after_the_deadline_it_says_once_that_the_broker_keeps_what_is_left() -> None:
    plan, said = Drain(0, 2), "1,201 events accepted but not landed: partition 0: 1,200, partition 3: 1"
    assert lines(plan, *(Seen(tenth / 10, RUNNING, LEFT) for tenth in range(150))) == [
        f"{said}; it goes on until they land or you press Ctrl-C again; {KEPT}",
        f"stopping: {said}",
    ]
    assert steps(plan, [Seen(15, ENDED, LEFT), Seen(16, RUNNING, {}), Seen(17, ENDED, {})]) == [
        DrainStep.START_WORKER,
        DrainStep.STOP_WORKER,
        DrainStep.DONE,
    ]


def test_it_also_says_that_it_is_not_known() -> None:
    [line] = lines(Drain(0, 2), Seen(3, ENDED))
    assert line.startswith("it is not known which accepted events have not landed: the broker does not answer; ")


@dataclass
class Instance:
    """A broker, and a worker that lands so many events in each of its lives, when it is asked to stop or before."""

    left: int
    lands: list[int]
    runs: bool = False
    said: list[str] = field(default_factory=list)
    forced: asyncio.Event = field(default_factory=asyncio.Event)
    answers: bool = True

    async def look(self) -> Missing:
        if not self.answers:
            raise Unreachable("the broker does not answer")
        return {0: self.left} if self.left else {}

    @property
    def state(self) -> WorkerState:
        return RUNNING if self.runs else ENDED

    async def start(self) -> None:
        self.left -= self.lands.pop(0)
        self.runs = self.left == 0  # otherwise it has died meanwhile

    def ask_to_stop(self) -> None:
        self.left -= min(self.left, self.lands.pop(0) if self.lands else 0)
        self.runs = False

    async def changed(self) -> None:
        if self.runs:
            await asyncio.Event().wait()

    def why(self) -> str:
        return ""

    async def drained(self, drain_s: float = 60.0) -> None:
        await drain(self, Around(self.look, self.said.append, self.forced, poll_s=0.01), drain_s)


async def test_a_worker_that_lands_all_when_it_is_stopped_needs_no_other() -> None:
    instance = Instance(left=3000, lands=[3000], runs=True)
    await instance.drained()
    assert (instance.left, instance.said) == (0, [])


async def test_workers_are_started_until_all_has_landed() -> None:
    instance = Instance(left=3000, lands=[1000, 0, 2000])
    await instance.drained()
    assert (instance.left, instance.runs) == (0, False)
    assert [line.partition(" ")[0] for line in instance.said] == ["3,000", "2,000", "2,000"]


@pytest.mark.parametrize(
    ("answers", "said"), [(True, "70 events accepted but not landed: partition 0: 70"), (False, "it is not known")]
)
async def test_a_second_signal_ends_it_at_once_with_what_is_lost(answers: bool, said: str) -> None:
    instance = Instance(left=70, lands=[0] * 99, answers=answers)
    asyncio.get_running_loop().call_later(0.05, instance.forced.set)
    with pytest.raises(
        NotLanded, match=f"ended at once, as requested: {said}.*; they are kept on disk, and land after the next start"
    ) as raised:
        await asyncio.wait_for(instance.drained(), 5)
    assert raised.value.exit_code == 1


async def test_a_second_signal_after_all_has_landed_is_no_loss() -> None:
    instance = Instance(left=0, lands=[], runs=True)
    instance.forced.set()
    await instance.drained()
