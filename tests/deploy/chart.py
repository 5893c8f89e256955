"""Runs the real helm on the project's chart, without a cluster."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.helm.generate import CHART
from tests.kafka.libraries import PROJECT

HELM = PROJECT / ".venv-chart" / "bin" / "helm"
SCHEMAS = PROJECT / ".venv-chart" / "bin" / "python"
VERSIONS = ("1.30.0", "1.37.0")
"""Versions of Kubernetes by whose schemas is checked: the oldest that the chart takes, and the newest."""
VALUES = {path.name.removesuffix("-values.yaml"): path for path in sorted((CHART / "ci").glob("*.yaml"))}
"""Files of values, by name."""

Object = dict[str, Any]


def program(path: Path) -> str:
    """A program of .venv-chart; a skip without it, an error under CXB_REQUIRE_TOOLS=1, for helm CXB_REQUIRE_HELM=1.

    Helm is built from the modules of Go, which not every machine that has the other tools can get.
    """
    if not path.exists():
        reason = f"no {path.relative_to(PROJECT)}: run make test-tools"
        if os.environ.get("CXB_REQUIRE_HELM" if path == HELM else "CXB_REQUIRE_TOOLS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return str(path)


def helm(*arguments: str, scratch: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs helm with nothing of this machine's own: neither a cluster nor plugins nor repositories."""
    home = str(scratch or PROJECT / ".venv-chart")
    environment = {"HOME": home, "KUBECONFIG": os.devnull, "HELM_PLUGINS": os.devnull}
    command = [program(HELM), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def template(
    *arguments: str, name: str = "minimal", release: str = "cx", version: str = VERSIONS[-1], chart: Path = CHART
) -> subprocess.CompletedProcess[str]:
    """Renders the chart with a file of values and what the arguments change."""
    values = ["-f", str(VALUES[name])]
    return helm("template", release, str(chart), "-n", "cx", "--kube-version", version, *values, *arguments)


def objects(text: str) -> list[Object]:
    """The objects of a rendered chart."""
    return [thing for thing in yaml.safe_load_all(text) if thing]


@cache
def rendered(name: str, *arguments: str, release: str = "cx") -> tuple[Object, ...]:
    """The objects of a file of values. They are shared: not to be changed."""
    done = template(*arguments, name=name, release=release)
    assert done.returncode == 0, done.stderr
    return tuple(objects(done.stdout))


def one(things: tuple[Object, ...], kind: str, suffix: str) -> Object:
    """The one object of a kind whose name ends so."""
    [found] = [thing for thing in things if thing["kind"] == kind and thing["metadata"]["name"].endswith(suffix)]
    return found


def pods(things: tuple[Object, ...]) -> dict[str, Object]:
    """What each workload's pods are made from, by kind and component."""
    paths = {
        "Deployment": ("spec", "template"),
        "Job": ("spec", "template"),
        "CronJob": ("spec", "jobTemplate", "spec", "template"),
        "Pod": (),
    }
    found = {}
    for thing in things:
        if thing["kind"] in paths:
            inner: Mapping[str, Any] = thing
            for key in paths[thing["kind"]]:
                inner = inner[key]
            found[thing["metadata"]["labels"]["app.kubernetes.io/component"]] = dict(inner)
    return found


def environment(pod: Object) -> dict[str, Any]:
    """The variables of its one container: a text, or the reference to a secret's key as (name, key)."""
    [container] = pod["spec"]["containers"]
    names = [variable["name"] for variable in container["env"]]
    assert len(names) == len(set(names)), names
    found: dict[str, Any] = {}
    for variable in container["env"]:
        reference = variable.get("valueFrom", {}).get("secretKeyRef")
        found[variable["name"]] = variable["value"] if reference is None else (reference["name"], reference["key"])
    return found


def problems(things: Sequence[Object], *versions: str) -> list[str]:
    """What the schemas of these versions of Kubernetes say of objects; of `VERSIONS` by default."""
    command = [program(SCHEMAS), "-m", "tests.deploy.chart_schemas", *(versions or VERSIONS)]
    done = subprocess.run(
        command, cwd=PROJECT, input=json.dumps(things), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    said: list[str] = json.loads(done.stdout)
    return said
