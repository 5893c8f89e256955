import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from streams.errors import ConfigurationError, Unreachable
from streams.runtime.periodic import run_while_elected
from tests.streams.given import until

PAUSE_S = 0.01


class Work:
    """Counts what the loop does; `errors` are raised by one computation after another."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.elected = True
        self.computed = self.withdrawn = 0
        self.took_s: list[float] = []
        self.threads: set[int] = set()
        self.lasts_s = 0.0

    def compute(self) -> None:
        self.threads.add(threading.get_ident())
        time.sleep(self.lasts_s)
        if self.errors:
            raise self.errors.pop(0)
        self.computed += 1

    def withdraw(self) -> None:
        self.withdrawn += 1

    def pause_s(self, took_s: float) -> float:
        self.took_s.append(took_s)
        return PAUSE_S

    async def run(self, *, survives_errors: bool) -> None:
        await run_while_elected(
            "it", self.compute, elected=lambda: self.elected, withdraw=self.withdraw, pause_s=self.pause_s,
            survives_errors=survives_errors,
        )  # fmt: skip


@asynccontextmanager
async def running(work: Work, *, survives_errors: bool = False) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(work.run(survives_errors=survives_errors))
    yield task
    task.cancel()
    await asyncio.wait([task])


async def turns(work: Work, count: int = 3) -> None:
    """Waits until so many turns have begun and ended from now on."""
    wanted = len(work.took_s) + count + 1
    await until(lambda: len(work.took_s) >= wanted)


async def test_while_elected_it_computes_at_every_turn_and_withdraws_nothing() -> None:
    work = Work()
    async with running(work):
        await turns(work)
    assert work.computed >= 3
    assert work.withdrawn == 0


async def test_while_not_elected_it_computes_nothing_and_what_is_shown_is_withdrawn() -> None:
    work = Work()
    work.elected = False
    async with running(work):
        await turns(work)
    assert work.computed == 0
    assert work.withdrawn >= 3


async def test_the_election_is_looked_at_before_each_turn() -> None:
    work = Work()
    async with running(work):
        await turns(work, 1)
        work.elected = False
        await turns(work, 1)
        computed, withdrawn = work.computed, work.withdrawn
        await turns(work)
        assert work.computed == computed
        assert work.withdrawn > withdrawn > 0
        work.elected = True
        await until(lambda: work.computed > computed)


async def test_the_first_turn_comes_at_once_and_the_pause_after_it_follows_how_long_it_took() -> None:
    work = Work()
    work.lasts_s = 0.05
    began_s = time.monotonic()
    async with running(work):
        await until(lambda: len(work.took_s) == 2)
    assert time.monotonic() - began_s >= 2 * work.lasts_s + PAUSE_S
    assert min(work.took_s) >= work.lasts_s


async def test_it_computes_in_a_thread_and_the_loop_goes_on_meanwhile() -> None:
    work, ticks = Work(), 0
    work.lasts_s = 0.2
    async with running(work):
        while not work.computed:
            await asyncio.sleep(0.01)
            ticks += 1
    assert ticks > 5
    assert threading.get_ident() not in work.threads


@pytest.mark.parametrize("survives_errors", [False, True])
async def test_what_is_unreachable_is_tried_again_and_nothing_is_withdrawn(
    survives_errors: bool, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work(Unreachable("away"))
    async with running(work, survives_errors=survives_errors):
        await until(lambda: work.computed)
    assert "it: trying again in 0.2 s: away" in caplog.text
    assert work.withdrawn == 0


@pytest.mark.parametrize("error", [ConfigurationError("wrong"), ValueError("a bug")])
async def test_an_error_ends_it_where_nothing_may_go_on_without_it(error: Exception) -> None:
    work = Work(error)
    async with running(work) as task:
        await asyncio.wait([task], timeout=10)
        assert task.exception() is error
    assert (work.computed, work.withdrawn) == (0, 0)


@pytest.mark.parametrize("error", [ConfigurationError("wrong"), ValueError("a bug")])
async def test_an_error_that_is_survived_is_logged_withdraws_what_is_shown_and_the_next_turn_computes(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work(error)
    async with running(work, survives_errors=True):
        await until(lambda: work.computed)
    assert work.withdrawn == 1
    assert "it: could not be computed; the next turn tries again" in caplog.text
    assert str(error) in caplog.text


async def test_it_ends_when_it_is_cancelled_whatever_it_survives() -> None:
    for survives_errors in (False, True):
        async with running(Work(), survives_errors=survives_errors) as task:
            await asyncio.sleep(2 * PAUSE_S)
        assert task.cancelled()
