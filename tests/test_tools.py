import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import is_in_part
from tests.kafka.libraries import PROJECT
from tests.tools import chromium_program, tool


def test_a_program_that_is_there_is_found() -> None:
    assert tool("sh").endswith("/sh")


def test_chromium_without_windows_is_taken_where_it_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("chromium", "chromium-headless-shell"):
        (tmp_path / name).touch(0o755)
        assert chromium_program() == str(tmp_path / name)


def test_without_a_program_a_test_is_skipped_and_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CXB_REQUIRE_TOOLS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="make test-tools"):
        tool("no-such-program")


def test_where_tools_are_required_their_absence_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXB_REQUIRE_TOOLS", "1")
    with pytest.raises(pytest.fail.Exception, match="no-such-program"):
        tool("no-such-program")


def test_ci_installs_and_requires_the_tools() -> None:
    run = (PROJECT / ".ci" / "run").read_text()
    assert "make test-tools" in run
    assert "CXB_REQUIRE_TOOLS=1" in run


def test_without_go_there_is_no_helm_and_that_is_said(tmp_path: Path) -> None:
    for program in ("sh", "dirname", "cat"):
        (tmp_path / program).symlink_to(shutil.which(program) or "")
    copy = tmp_path / "project" / "tests" / "install-helm.sh"
    copy.parent.mkdir(parents=True)
    shutil.copy(PROJECT / "tests" / "install-helm.sh", copy)
    done = subprocess.run([copy], env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, "no Go here, so no helm" in done.stderr) == (0, True)


def test_two_parts_have_each_file_of_tests_once_and_about_as_many() -> None:
    files = [str(file.relative_to(PROJECT)) for file in (PROJECT / "tests").rglob("test_*.py")]
    even, odd = ([file for file in files if is_in_part(file, number)] for number in (1046, 1047))
    assert sorted(even + odd) == sorted(files)
    assert abs(len(even) - len(odd)) < len(files) / 5
