"""Runs the real Compose binary on the project's files, without an engine."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.kafka.libraries import PROJECT

COMPOSE = Path(sys.executable).with_name("docker-compose")
COMPOSE_FILE = PROJECT / "docker-compose.yml"
SECRETS = {
    "CXB_CLICKHOUSE_PASSWORD": "secret-of-clickhouse",
    "CXB_CLICKHOUSE_READER_PASSWORD": "secret-of-the-reader",
    "CXB_CUSTOMER_KEY": "secret-of-customers",
    "CXB_HTTP_TOKEN": "secret-of-the-workers-port",
    "GRAFANA_ADMIN_PASSWORD": "secret-of-grafana",
}


def compose(
    *arguments: str, env: Mapping[str, str] = SECRETS, file: Path = COMPOSE_FILE
) -> subprocess.CompletedProcess[str]:
    """Runs docker-compose with this environment alone: neither the machine's nor a developer's .env."""
    command = [str(COMPOSE), "--project-directory", str(PROJECT), "--env-file", os.devnull, "-f", str(file), *arguments]
    return subprocess.run(command, env={**env}, capture_output=True, text=True, timeout=60, check=False)


@cache
def resolved() -> dict[str, Any]:
    """The Compose file as the engine would see it, with the defaults and `SECRETS`."""
    done = compose("config", "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def read_yaml(path: Path, scratch: Path) -> Any:
    """Parses any YAML file with Compose's own parser, by carrying it as an extension field."""
    wrapper = scratch / "wrapper.yml"
    lines = (f"  {line}" for line in path.read_text().splitlines())
    wrapper.write_text("\n".join(["name: x", "services: {a: {image: a}}", "x-file:", *lines, ""]))
    done = compose("config", "--no-interpolate", "--format", "json", file=wrapper)
    assert done.returncode == 0, f"{path}: {done.stderr}"
    return json.loads(done.stdout)["x-file"]
