"""The files around the code: what runs before a commit, where one develops, who reviews."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[1]
CHART = "deploy/helm/cx-balance/Chart.yaml"
VENV = Path(sys.executable).parent


def hooks() -> list[dict[str, Any]]:
    config = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())
    assert {repository["repo"] for repository in config["repos"]} == {"local"}
    return [hook for repository in config["repos"] for hook in repository["hooks"]]


def test_every_hook_is_local_and_fetches_nothing() -> None:
    assert {hook["language"] for hook in hooks()} == {"system", "pygrep"}


def test_every_hook_runs_a_pinned_tool_that_is_installed() -> None:
    pinned = (PROJECT / "requirements" / "dev.txt").read_text()
    tools = [Path(hook["entry"].split()[0]) for hook in hooks() if hook["language"] == "system"]
    assert {tool.name for tool in tools} == {"ruff", "mypy", "codespell"}
    assert {tool.parent for tool in tools} == {Path(".venv/bin")}
    assert all(re.search(rf"(?m)^{tool.name}==", pinned) and (VENV / tool.name).exists() for tool in tools)


@pytest.mark.parametrize(
    ("subject", "accepted"),
    [
        ("x" * 72, True),
        ("x" * 73, False),
        ("Short\n\n" + "the body may be longer " * 9, True),
        ("Merge branch 'of a very long name' of a repository that has an even longer one", True),
        ("fixup! " + "x" * 72, True),
    ],
)
def test_the_subject_of_a_commit_has_at_most_72_characters(tmp_path: Path, subject: str, accepted: bool) -> None:
    (hook,) = [hook for hook in hooks() if hook.get("stages") == ["commit-msg"]]
    message = tmp_path / "COMMIT_EDITMSG"
    message.write_text(subject + "\n")
    command = [sys.executable, "-m", "pre_commit.languages.pygrep", *hook["args"], hook["entry"], str(message)]
    checked = subprocess.run(command, check=False, capture_output=True, timeout=30)
    assert (checked.returncode == 0) == accepted


def test_hooks_run_what_make_lint_and_make_type_run() -> None:
    recipes = " ".join(re.findall(r"(?m)^\t\$\(BIN\)/(.*)$", (PROJECT / "Makefile").read_text()))
    commands = [hook["entry"].removeprefix(".venv/bin/") for hook in hooks() if hook["language"] == "system"]
    assert [command for command in commands if command.removesuffix(" --force-exclude") not in recipes] == []


def test_the_development_container_has_python_and_rust_of_the_image() -> None:
    container = json.loads((PROJECT / ".devcontainer" / "devcontainer.json").read_text())
    dockerfile = (PROJECT / ".devcontainer" / container["build"]["dockerfile"]).read_text()
    (python,) = re.findall(r"PYTHON_TAG=([\d.]+)-slim", (PROJECT / "deploy" / "Dockerfile").read_text())
    (rust,) = re.findall(r"RUST_TAG=([\d.]+)-slim", (PROJECT / "deploy" / "Dockerfile").read_text())
    assert f"FROM python:{python}-" in dockerfile
    assert f"FROM rust:{rust}-" in dockerfile
    assert "openjdk-17-jdk-headless" in dockerfile
    targets = container["postCreateCommand"].removeprefix("make ").split()
    assert {"install", "hooks", "test-tools"} == set(targets)


@pytest.mark.parametrize("cargo", ["", "#!/bin/sh\nexit 1\n"], ids=["absent", "failing"])
def test_an_installation_goes_on_without_the_native_part_says_so_and_does_not_try_again(
    tmp_path: Path, cargo: str
) -> None:
    shutil.copy(PROJECT / "Makefile", tmp_path)
    tools, found = tmp_path / "tools", [shutil.which(name) for name in ("make", "sh", "touch", "find", "rm")]
    tools.mkdir()
    for tool in filter(None, found):
        (tools / Path(tool).name).symlink_to(tool)
    if cargo:
        (tools / "cargo").write_text(cargo)
        (tools / "cargo").chmod(0o755)
    ready = [tmp_path / name / ".installed" for name in (".venv", ".venv-native")]
    sources = [tmp_path / "streams/native" / name for name in ("Cargo.toml", "Cargo.lock", "pyproject.toml")]
    for path in [tmp_path / "requirements" / "native.txt", *sources, *ready]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    said = []
    for _ in range(2):
        command = ["make", "-o", ".venv/.installed", "-o", ".venv-native/.installed", "install"]
        outcome = subprocess.run(
            command, check=True, cwd=tmp_path, env={"PATH": str(tools)}, capture_output=True, text=True, timeout=60
        )
        said.append(outcome.stdout)
    assert "events are read by Python code" in said[0]
    assert ("no cargo" in said[0], "could not be built" in said[0]) == (not cargo, bool(cargo))
    assert "Python code" not in said[1]


def test_every_target_of_the_makefile_is_listed_and_documented() -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (PROJECT / "Makefile").read_text()))
    shown = subprocess.run(["make", "help"], cwd=PROJECT, check=True, capture_output=True, text=True, timeout=30).stdout
    assert targets == set(re.findall(r"(?m)^  make (\S+)", shown))
    contributing = (PROJECT / "CONTRIBUTING.md").read_text()
    assert [target for target in sorted(targets) if f"make {target}`" not in contributing] == []


def test_owners_of_code_are_one_team_that_contributing_explains() -> None:
    rules = [line.split() for line in (PROJECT / ".github" / "CODEOWNERS").read_text().splitlines()]
    owners = {owner for rule in rules if rule and rule[0] != "#" for owner in rule[1:]}
    assert owners == {"@cx-balance/maintainers"}
    assert "@cx-balance/maintainers" in (PROJECT / "CONTRIBUTING.md").read_text()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository of its own with the files that a release changes."""
    for name in [
        "Makefile",
        "pyproject.toml",
        "CHANGELOG.md",
        ".env.example",
        "docker-compose.yml",
        "README.md",
        CHART,
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    shutil.copytree(PROJECT / "changelog.d", tmp_path / "changelog.d")
    (tmp_path / "changelog.d" / "+planted.fixed.md").write_text("- A planted fault. Nothing to do.\n")
    (tmp_path / "requirements").mkdir()
    shutil.copy(PROJECT / "requirements" / "dev.txt", tmp_path / "requirements" / "dev.txt")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "Before")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout


def release(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    identity = {
        f"GIT_{who}_{what}": "nobody@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    # The installed tools of this run, not an installation of its own.
    installed = [
        option for name in (".installed", ".native", ".no-native") for option in ("-o", f"{VENV.parent}/{name}")
    ]
    command = ["make", *installed, f"VENV={VENV.parent}", "release", *arguments]
    environment = os.environ | identity
    return subprocess.run(command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_a_release_sets_the_version_everywhere_and_writes_the_changelog(checkout: Path) -> None:
    fragments = [path.read_text().strip() for path in (checkout / "changelog.d").glob("*.*.md")]
    done = release(checkout, "VERSION=9.8.7")
    assert done.returncode == 0, done.stderr
    assert tomllib.loads((checkout / "pyproject.toml").read_text())["project"]["version"] == "9.8.7"
    assert "CXB_TAG=9.8.7\n" in (checkout / ".env.example").read_text()
    assert "cx-balance:${CXB_TAG:-9.8.7}" in (checkout / "docker-compose.yml").read_text()
    assert re.findall(r"(?m)^(?:version|appVersion): (.*)$", (checkout / CHART).read_text()) == ["9.8.7"] * 2
    changes = (checkout / "CHANGELOG.md").read_text()
    assert re.search(r"(?m)^## 9\.8\.7 \(\d{4}-\d\d-\d\d\)$", changes)
    assert [text for text in fragments if text not in changes] == []
    assert {path.name for path in (checkout / "changelog.d").iterdir()} == {"README.md", "template.md.jinja"}
    assert (git(checkout, "tag"), git(checkout, "status", "--porcelain")) == ("v9.8.7\n", "")


def test_a_release_wants_a_version_and_a_clean_checkout(checkout: Path) -> None:
    assert "VERSION=1.2.3" in release(checkout).stderr
    (checkout / "README.md").write_text("changed")
    assert "commit or stash" in release(checkout, "VERSION=9.8.7").stderr
    assert git(checkout, "tag") == ""


def test_every_fragment_of_the_changelog_has_a_known_type() -> None:
    config = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["towncrier"]
    types = {kind["directory"] for kind in config["type"]}
    fragments = [path.name for path in (PROJECT / "changelog.d").iterdir() if path.name.count(".") > 1]
    strays = [name for name in fragments if name != "template.md.jinja" and name.split(".")[-2] not in types]
    assert strays == []


def test_the_versions_of_package_and_image_are_the_same() -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    assert f"CXB_TAG={version}\n" in (PROJECT / ".env.example").read_text()
    assert f"CXB_TAG:-{version}}}" in (PROJECT / "docker-compose.yml").read_text()


def test_the_checks_of_the_page_pin_exact_versions_without_a_lock_file() -> None:
    versions = json.loads((PROJECT / "tests" / "page" / "package.json").read_text())["devDependencies"]
    carried = json.loads((PROJECT / "streams" / "web" / "static" / "vendor" / "manifest.json").read_text())
    packages = {one["package"] for file in carried for one in file["packages"]}
    # internmap is needed to install, and nothing of it is taken.
    assert set(versions) == {"typescript", "@biomejs/biome", "esbuild", "internmap"} | packages
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())
    tracked = git(PROJECT, "ls-files", "tests/page").split()
    assert [name for name in tracked if "lock" in name] == []


@pytest.mark.parametrize(("required", "code"), [("0", 0), ("1", 1)])
def test_without_node_the_checks_of_the_page_are_skipped_unless_required(
    tmp_path: Path, required: str, code: int
) -> None:
    for program in ("sh", "dirname"):
        (tmp_path / program).symlink_to(shutil.which(program) or "")
    command = [PROJECT / "tests" / "page" / "check.sh"]
    environment = {"PATH": str(tmp_path), "CXB_REQUIRE_TOOLS": required}
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=30)
    assert (done.returncode, "skipped: needs Node 20" in done.stdout) == (code, True)
