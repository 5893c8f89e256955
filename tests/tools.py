"""The programmes of `make test-tools`: a test without them is skipped, or fails where they are required."""

import os
import shutil

import pytest


def chromium_program() -> str:
    """The path of a Chromium: of the one without windows, if it is there, which takes a third of the work."""
    return shutil.which("chromium-headless-shell") or tool("chromium")


def tool(name: str) -> str:
    """The path of a program; a skip without it, an error under CXB_REQUIRE_TOOLS=1."""
    found = shutil.which(name)
    if found is None:
        reason = f"no {name}: run make test-tools"
        if os.environ.get("CXB_REQUIRE_TOOLS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found
