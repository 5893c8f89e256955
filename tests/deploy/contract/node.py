"""The tools of Node that check the contract: a test without Node is skipped, or fails where tools are required."""

import os
from pathlib import Path

import pytest

from deploy.contract.typescript import NoNode, node_tools


def require_node() -> Path:
    """The folder of the pinned tools."""
    try:
        return node_tools()
    except NoNode as error:
        if os.environ.get("CXB_REQUIRE_TOOLS") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
