"""TypeScript types of events, by json-schema-to-typescript, from the schema of any event."""

import json
import subprocess
from pathlib import Path
from typing import Final

from metrics.contract.json_schema import CONTRACT_VERSION, any_event

_PROJECT: Final = Path(__file__).resolve().parents[2]
NODE_TOOLS: Final = _PROJECT / ".venv-contract"
_BANNER: Final = f"""\
// Made from the JSON Schema of events, version {CONTRACT_VERSION}, by `make schemas`. Do not edit.
// `never` marks a field that is rejected; a field that is optional is left out where it is not known, never null."""


class NoNode(Exception):
    """There is no Node, or not the one that the tools need."""


def node_tools() -> Path:
    """The folder of the pinned tools, which are installed where they are missing.

    Raises:
        NoNode: There is no Node 20 with npm.
    """
    installed = subprocess.run([_PROJECT / "tests/contract/tools.sh"], check=False, capture_output=True, text=True)
    if installed.returncode:
        raise NoNode(installed.stdout.strip() or installed.stderr.strip())
    return NODE_TOOLS


def typescript_types() -> str:
    """The file of types.

    Raises:
        NoNode: There is no Node 20 with npm.
    """
    command = [str(node_tools() / "node_modules" / ".bin" / "json2ts"), "--bannerComment", _BANNER]
    schema = json.dumps(any_event())
    return subprocess.run(command, check=True, input=schema, capture_output=True, text=True).stdout
