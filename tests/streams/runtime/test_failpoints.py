import asyncio
import signal
import subprocess
import sys

import pytest

from streams.runtime import failpoints

SCRIPT = """
import asyncio
from streams.runtime import failpoints
failpoints.reach("decoded")
failpoints.reach("decoded")
print("passed once", flush=True)
failpoints.reach("decoded")
asyncio.run(failpoints.reach_async("before_commit"))
print("alive", flush=True)
"""


def run(armed: str) -> subprocess.CompletedProcess[str]:
    variables = {"CXB_FAILPOINTS": armed}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT], env=variables, capture_output=True, text=True, timeout=30, check=False
    )


def test_a_process_dies_the_time_that_was_asked_for() -> None:
    done = run("decoded=kill@3")
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "passed once\n")


def test_an_error_may_be_raised_instead() -> None:
    assert "FailpointError: failpoint before_commit" in run("before_commit=fail").stderr


def test_without_being_asked_nothing_happens() -> None:
    assert run("").stdout == "passed once\nalive\n"


@pytest.mark.parametrize("armed", ["nowhere=kill", "decoded=explode", "decoded", "decoded=kill@soon"])
def test_a_misspelt_failpoint_is_an_error_and_not_a_test_that_cannot_fail(armed: str) -> None:
    assert "ValueError" in run(armed).stderr


def test_a_frozen_process_goes_on_when_it_is_continued() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], env={"CXB_FAILPOINTS": "decoded=freeze@3"}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "passed once\n"
    process.send_signal(signal.SIGCONT)
    while process.poll() is None:
        process.send_signal(signal.SIGCONT)
    assert process.stdout.read() == "alive\n"
    process.stdout.close()


async def test_a_step_may_hang_for_the_watchdog_to_find(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(failpoints._armed, "fetched", failpoints._Armed("hang", 1))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(failpoints.reach_async("fetched"), 0.05)
    await failpoints.reach_async("fetched")  # once only
