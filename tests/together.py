"""A plugin for pytest-xdist. It says which tests stay together: those that share what is expensive to start."""

from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Its tests look at one pipeline that they let run for a minute before: it would be started once a process.
ONE_PIPELINE = PurePosixPath("tests/deploy/observed")


class Together(LoadScopeScheduling):
    """Hands out whole files, in the order in which they are found: packages of long tests come before short ones."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.partition("::")[0])
        return str(ONE_PIPELINE if file.is_relative_to(ONE_PIPELINE) else file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Several files at a time, each whole."""
    config.option.loadscopereorder = False
    return Together(config, log)
