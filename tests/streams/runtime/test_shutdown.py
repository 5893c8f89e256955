import os
import subprocess
import sys

import pytest

STUCK = """
import threading, time
from streams.runtime.shutdown import ShutdownDeadline

deadline = ShutdownDeadline()
deadline.arm(0.3, 7)
deadline.arm(60, 8)
{then}
"""


@pytest.mark.parametrize(
    ("then", "code"),
    [("threading.Thread(target=time.sleep, args=(60,)).start()", 7), ("time.sleep(60)", 7), ("deadline.disarm()", 0)],
    ids=["a thread that waits", "itself that waits", "nothing"],
)
def test_a_process_ends_in_time_whatever_still_runs(then: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STUCK.format(then=then)],
        env=dict(os.environ), capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert ("something does not answer" in done.stderr) == (code == 7)


def test_one_that_never_began_to_end_has_nothing_to_wait_for() -> None:
    code = "from streams.runtime.shutdown import ShutdownDeadline; ShutdownDeadline().disarm()"
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0
