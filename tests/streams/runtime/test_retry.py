import logging
import re

import pytest

from streams.errors import ConfigurationError, Unreachable
from streams.runtime import retry
from streams.runtime.retry import retry_while_unreachable


class Flaky:
    """Fails so many times, then gives 7."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.failures, self.error, self.attempts = failures, error, 0

    async def __call__(self) -> int:
        self.attempts += 1
        if self.attempts <= self.failures:
            raise self.error
        return 7


async def test_what_succeeds_at_once_is_done_once_and_silently(caplog: pytest.LogCaptureFixture) -> None:
    stalls: list[float | None] = []
    flaky = Flaky(0, Unreachable("away"))
    assert await retry_while_unreachable("it", flaky, stalls.append) == 7
    assert (flaky.attempts, stalls, caplog.text) == (1, [], "")


async def test_what_is_away_is_tried_again_with_growing_pauses(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_S", 0.1)
    monkeypatch.setattr(retry, "LONGEST_PAUSE_S", 0.4)
    caplog.set_level(logging.WARNING)
    assert await retry_while_unreachable("it", Flaky(4, Unreachable("away"))) == 7
    assert re.findall(r"it: trying again in (\S+) s: away", caplog.text) == ["0.1", "0.2", "0.4", "0.4"]
    assert re.search(r"it: done after \d\.\d s of trying", caplog.text)


async def test_a_stall_is_reported_with_its_beginning_and_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_S", 0.01)
    stalls: list[float | None] = []
    await retry_while_unreachable("it", Flaky(3, Unreachable("away")), stalls.append)
    assert stalls[-1] is None
    assert len(stalls) == 4
    assert len(set(stalls[:3])) == 1


class SimulatedTime:
    """Passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def clock(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds


async def test_what_is_away_for_days_is_tried_until_it_is_back() -> None:
    time, flaky = SimulatedTime(), Flaky(30_000, Unreachable("away"))
    stalls: list[float | None] = []
    assert await retry_while_unreachable("it", flaky, stalls.append, clock=time.clock, sleep=time.sleep) == 7
    assert flaky.attempts == 30_001
    assert time.now_s > 2 * 86_400
    assert set(stalls) == {0.0, None}


@pytest.mark.parametrize("error", [ConfigurationError("wrong"), ValueError("bug"), OSError("raw")])
async def test_what_time_does_not_fix_comes_out_at_once(error: Exception) -> None:
    flaky = Flaky(5, error)
    with pytest.raises(type(error)):
        await retry_while_unreachable("it", flaky)
    assert flaky.attempts == 1


def test_the_pauses_are_short_at_first_and_bounded() -> None:
    assert 0 < retry.FIRST_PAUSE_S <= 0.5
    assert 5 <= retry.LONGEST_PAUSE_S <= 30
