"""Runs schemathesis: asks a port for what an OpenAPI document allows and forbids, and compares the answers with it."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]


async def fuzz(
    url: str, token: str, openapi: dict[str, Any], directory: Path, hooks: str, examples: int, *options: str
) -> tuple[int, str]:
    """The exit code and the report of schemathesis. It is deterministic: it asks the same each time.

    Args:
        url: Where the service answers.
        token: What it asks for, as a bearer token.
        openapi: What it is compared with.
        directory: For the document.
        hooks: The module with what schemathesis cannot read in it.
        examples: Generated requests for each route; the limits of each parameter are also tried, one by one.
        options: More of them.
    """
    path = directory / "openapi.json"
    path.write_text(json.dumps(openapi))
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("st"), "run", path, "--url", url,
        "--header", f"Authorization: Bearer {token}", "--checks", "all", "--mode", "all",
        "--exclude-checks", "ignored_auth",  # so many wrong tokens have to wait: tests of the servers try some
        "--max-examples", str(examples), "--generation-deterministic", "--no-color", *options,
        cwd=directory, env=os.environ | {"SCHEMATHESIS_HOOKS": hooks, "PYTHONPATH": str(PROJECT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()
