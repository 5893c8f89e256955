"""A plugin for pytest-xdist. It says which tests stay together: those that share what is expensive to start."""

from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# What several files look at is made once a session, and so once a process that tests one of them.
SHARED = {
    PurePosixPath("tests/deploy/observed"): "a pipeline that has run for a minute",
    PurePosixPath("tests/streams/drift"): "the simulated company of ninety days",
    PurePosixPath("tests/streams/governance/test_report.py"): "the planted company",
    PurePosixPath("tests/streams/web/test_server_report.py"): "the planted company",
}


class Together(LoadScopeScheduling):
    """Hands out whole files in the order in which they are found, and at once those that share what is slow to make."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.partition("::")[0])
        return next((what for place, what in SHARED.items() if file.is_relative_to(place)), str(file))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Several files at a time, each whole."""
    config.option.loadscopereorder = False
    return Together(config, log)
