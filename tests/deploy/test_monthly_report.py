"""The example that sends the report each month: systemd's units. The CronJob of Kubernetes is in the chart."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.main import get_command

from streams.cli.app import app
from tests.kafka.libraries import PROJECT
from tests.tools import tool

FOLDER = PROJECT / "deploy" / "report"
CXB = Path(sys.executable).with_name("cxb")


def unit_line(name: str, key: str) -> str:
    [value] = [
        line.partition("=")[2] for line in (FOLDER / name).read_text().splitlines() if line.startswith(f"{key}=")
    ]
    return value


def is_understood(arguments: list[str]) -> bool:
    """Whether the command line knows these arguments of cxb."""
    name, *rest = arguments
    command: Any = get_command(app).get_command(None, name)  # type: ignore[attr-defined]
    with command.make_context(name, rest) as context:
        return bool(context.params["send_to"] and context.params["receivers"] and context.params["last_month"])


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    program = tool("systemd-analyze")
    for path in FOLDER.glob("cx-report.*"):
        (tmp_path / path.name).write_text(path.read_text().replace("/usr/local/bin/cxb", str(CXB)))
    units = [str(tmp_path / name) for name in ("cx-report.service", "cx-report.timer")]
    done = subprocess.run([program, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "cx-report" in line]
    assert (done.returncode, said) == (0, []), done.stderr
    (tmp_path / "cx-report.timer").write_text((FOLDER / "cx-report.timer").read_text().replace("*-*-02", "*-*-42"))
    spoilt = subprocess.run([program, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    assert "cx-report.timer" in spoilt.stderr


def test_the_timer_comes_once_a_month_on_the_second() -> None:
    program, when = tool("systemd-analyze"), unit_line("cx-report.timer", "OnCalendar")
    command = [program, "calendar", "--iterations=3", "--base-time=2026-01-15", when]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [day in said for day in ("2026-02-02 06:30", "2026-03-02 06:30", "2026-04-02 06:30")] == [True] * 3


def test_what_is_run_is_a_command_that_cxb_understands() -> None:
    program, *arguments = unit_line("cx-report.service", "ExecStart").split()
    assert program.endswith("/cxb")
    assert is_understood(arguments)


def test_a_unit_tries_again_only_where_a_server_did_not_answer() -> None:
    assert unit_line("cx-report.service", "RestartPreventExitStatus").split() == ["1", "2", "3"]
