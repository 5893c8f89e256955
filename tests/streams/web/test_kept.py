"""Answers that are kept for a while."""

import asyncio

import pytest

from streams.web.kept import KeptAnswers


async def test_those_who_ask_the_same_at_once_are_given_one_answer_and_it_is_kept() -> None:
    kept, made = KeptAnswers(), []

    async def make() -> int:
        await asyncio.sleep(0.01)
        made.append(1)
        return len(made)

    assert await asyncio.gather(*(kept.answer("a", make) for _ in range(3))) == [1, 1, 1]
    assert await kept.answer("a", make) == 1
    assert await kept.answer("b", make) == 2


async def test_it_is_made_again_when_its_time_is_over() -> None:
    kept, made = KeptAnswers(0.0), []

    async def make() -> int:
        made.append(1)
        return len(made)

    assert [await kept.answer("a", make), await kept.answer("a", make)] == [1, 2]


async def test_what_fails_is_told_to_all_who_wait_and_asked_again_by_the_next() -> None:
    kept, attempts = KeptAnswers(), []

    async def make() -> str:
        attempts.append(1)
        await asyncio.sleep(0)
        if len(attempts) == 1:
            raise TimeoutError("late")
        return "there"

    results = await asyncio.gather(*(kept.answer("a", make) for _ in range(2)), return_exceptions=True)
    assert [str(one) for one in results] == ["late", "late"]
    assert await kept.answer("a", make) == "there"


async def test_one_who_goes_away_takes_nothing_from_the_others() -> None:
    kept, gate = KeptAnswers(), asyncio.Event()

    async def make() -> str:
        await gate.wait()
        return "there"

    first, second = (asyncio.create_task(kept.answer("a", make)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    assert await second == "there"
    with pytest.raises(asyncio.CancelledError):
        await first
