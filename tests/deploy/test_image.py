import json
import re
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

from streams.contract.files import FILES
from tests.kafka.libraries import PROJECT

REQUIREMENTS = PROJECT / "requirements"
DOCKERFILE = (PROJECT / "deploy" / "Dockerfile").read_text()
# Instructions with their continuation lines joined.
INSTRUCTIONS = [line for line in re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines() if line and not line.startswith("#")]
FINAL_STAGE = INSTRUCTIONS[max(i for i, line in enumerate(INSTRUCTIONS) if line.startswith("FROM")) :]


def of(instruction: str) -> list[str]:
    return [line.removeprefix(f"{instruction} ") for line in FINAL_STAGE if line.startswith(f"{instruction} ")]


def test_the_container_runs_as_a_fixed_ordinary_user() -> None:
    assert of("USER") == ["10001:10001"]
    assert any("--uid 10001" in line for line in of("RUN"))


def test_the_base_image_is_pinned_to_the_python_of_the_project() -> None:
    assert re.search(r"(?m)^ARG PYTHON_TAG=3\.11-slim-\w+$", DOCKERFILE)
    images = [line.split()[1] for line in INSTRUCTIONS if line.startswith("FROM")]
    assert images == ["rust:${RUST_TAG}", "python:${PYTHON_TAG}", "python:${PYTHON_TAG}"]


def test_the_native_part_is_built_for_the_system_that_it_runs_on() -> None:
    python, rust = (re.findall(rf"(?m)^ARG {name}_TAG=\S+-slim-(\w+)$", DOCKERFILE) for name in ("PYTHON", "RUST"))
    assert python == rust != []


def test_everything_installed_is_checked_by_hash_or_built_here() -> None:
    installs = re.findall(r"\S*pip (?:install|wheel) [^&\n]*", "\n".join(INSTRUCTIONS))
    assert len(installs) == 5
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)


def test_the_entry_point_is_the_command_line_and_needs_no_shell() -> None:
    assert (json.loads(of("ENTRYPOINT")[0]), json.loads(of("CMD")[0])) == (["cxb"], ["worker"])


def test_the_health_check_is_a_python_program_that_asks_for_health() -> None:
    options, _, command = of("HEALTHCHECK")[0].partition("CMD ")
    program = json.loads(command)
    assert program[:2] == ["python", "-c"]
    compile(program[2], "HEALTHCHECK", "exec")
    assert "/health" in program[2]
    assert "--timeout=5s" in options


def test_no_secret_is_built_into_the_image() -> None:
    assert not re.search(r"(?im)^(ARG|ENV).*(password|key|secret|token)", DOCKERFILE)
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert allowed == {
        "requirements/runtime.txt",
        "requirements/build.txt",
        "requirements/native.txt",
        "pyproject.toml",
        "README.md",
        "metrics/",
        "streams/",
        "deploy/",
    }


def test_every_copied_path_is_there_and_not_ignored() -> None:
    copied = [line.split()[1:-1] for line in INSTRUCTIONS if line.startswith("COPY") and "--from" not in line]
    assert [path for paths in copied for path in paths if not (PROJECT / path).exists()] == []


def pins(path: Path) -> dict[str, frozenset[str]]:
    blocks = re.split(r"(?m)^(?=[a-z0-9])", path.read_text())
    return {
        block.split()[0]: frozenset(re.findall(r"--hash=(\S+)", block)) for block in blocks if re.match(r"\S+==", block)
    }


def test_build_requirements_are_those_of_development() -> None:
    build = pins(REQUIREMENTS / "build.txt")
    assert any(pin.startswith("hatchling==") for pin in build)
    assert build.items() <= pins(REQUIREMENTS / "dev.txt").items()


def test_build_requirements_are_complete() -> None:
    pinned = {pin.partition("==")[0] for pin in pins(REQUIREMENTS / "build.txt")}
    needs = [Requirement(line) for name in pinned for line in requires(name) or []]
    needed = {need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})}
    assert "pathspec" in needed
    assert needed <= pinned


def test_the_wheel_carries_code_and_deployment_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, timeout=60)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    wanted = {"metrics/__init__.py", "streams/__init__.py", "deploy/grafana/dashboards/company.json"}
    wanted |= {"metrics/py.typed", "streams/py.typed"}
    wanted |= {f"streams/contract/files/{name}" for name in FILES.values()}
    assert wanted <= set(names)
    assert not [name for name in names if name.startswith(("tests/", ".env"))]
