import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import warm
from tests.e2e.running import PROJECT, environment


@pytest.mark.parametrize("arguments", [("--version",), ("balance",), ("publish", "nowhere.ndjson"), ("schema", "nps")])
def test_a_forked_command_says_and_ends_as_one_that_was_started(arguments: tuple[str, ...]) -> None:
    how = {"cwd": PROJECT, "env": environment({})}
    command = [Path(sys.executable).with_name("cxb"), *arguments]
    started = subprocess.run(command, capture_output=True, text=True, check=False, **how)  # type: ignore[call-overload]
    forked = warm.run(arguments, cwd=PROJECT, env=environment({}), timeout=60)
    assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


def test_a_forked_command_that_takes_too_long_is_killed() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        warm.run(("simulate", "--events", "10000000"), cwd=PROJECT, env=environment({}), timeout=1)
