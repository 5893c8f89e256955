"""README's five minutes, as they are written there, in a directory in which nothing was before."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.documents import blocks
from tests.e2e.running import PROJECT, environment, eventually, rows

START, USE = (
    block.text for block in blocks("sh") if block.document.name == "README.md" and "mine" in block.text
    and block.document.parent == PROJECT
)  # fmt: skip


def bash(text: str, directory: Path) -> "subprocess.Popen[str]":
    """Runs lines of a shell, which ends at the first that fails."""
    return subprocess.Popen(
        ["bash", "-e", "-o", "pipefail", "-c", text], cwd=directory, env=environment({}), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


@contextmanager
def running(text: str, directory: Path) -> Iterator[None]:
    """Lines that end in a service, which runs while the context lasts, until Ctrl-C."""
    process = bash(text, directory)
    try:
        eventually((directory / "mine" / "instance.json").exists, "it is ready", 90)
        yield
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=90)


@pytest.mark.long
def test_the_five_minutes_of_the_readme_work_in_the_order_given_and_show_something(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    installed = re.sub(r"^make install.*\n", "", START)
    assert installed != START
    before, at, after = USE.partition("cxb drift")
    head = "".join(line + "\n" for line in USE.splitlines() if line.startswith(("source", "export")))
    with running(installed, tmp_path):
        said, _ = (process := bash(before, tmp_path)).communicate(timeout=180)
        assert process.returncode == 0, said
        assert "sales" in said
        # The README says how long it takes; here nobody types, so it is waited for.
        variables = {"CXB_DATA": str(tmp_path / "mine")}
        eventually(lambda: rows("drift", variables=variables), "drift is found", 120)
        said, _ = (process := bash(head + at + after, tmp_path)).communicate(timeout=180)
        assert process.returncode == 0, said
    assert re.search(r"service.*csat|csat.*service", said), said
    assert len(said.splitlines()) > 20, said
    report = (tmp_path / "report.html").read_text()
    assert "Customer service" in report
    assert len(report) > 5_000
