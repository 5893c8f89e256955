"""A running instance from outside: what commands print about it, and who reaches its parts."""

import os
import pty
import re
import socket
import subprocess
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running import CXB, PROJECT, USUAL_PORTS, cxb, environment, instance

pytestmark = pytest.mark.embedded


@pytest.mark.long
def test_on_a_terminal_a_table_is_drawn_and_no_line_is_too_long(variables: dict[str, str]) -> None:
    leader, follower = pty.openpty()
    how = {"stdin": follower, "stdout": follower, "stderr": follower, "cwd": PROJECT}
    with subprocess.Popen([*CXB, "scorecards"], env=environment({**variables, "COLUMNS": "150"}), **how) as process:  # type: ignore[call-overload]
        os.close(follower)
        shown = b""
        with suppress(OSError):  # how Linux ends a terminal whose other side is closed
            while piece := os.read(leader, 65_536):
                shown += piece
        os.close(leader)
    assert process.returncode == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).splitlines()
    assert any("department" in line and "┃" in line for line in lines)
    assert max(map(len, lines)) <= 150


@pytest.mark.long
def test_a_reader_that_has_seen_enough_is_no_error(variables: dict[str, str]) -> None:
    for command in ("balances", "balances --json", "scorecards", "rejected"):
        script = f"set -o pipefail; {' '.join(CXB)} {command} | true"
        how: dict[str, Any] = {"cwd": PROJECT, "env": environment(variables), "capture_output": True, "text": True}
        done = subprocess.run(["bash", "-c", script], check=False, timeout=60, **how)
        assert done.returncode == 0, done.stderr
        assert "roken" not in done.stderr


def test_a_wrong_password_is_said_in_a_sentence(data: Path) -> None:
    record = instance(data)
    variables = {
        "CXB_CLICKHOUSE_URL": record["store_url"],
        "CXB_KAFKA_BOOTSTRAP_SERVERS": record["kafka"],
        "CXB_CLICKHOUSE_PASSWORD": "hush",
    }
    for command in (("balances",), ("rejected",), ("migrate",), ("publish", "--wait", "pyproject.toml"), ("rebuild",)):
        said = cxb(*command, variables=variables, expect=3).stderr
        assert said.count("\n") == 1
        assert "rejects user 'default': check CXB_CLICKHOUSE_USER, CXB_CLICKHOUSE_PASSWORD" in said
        assert "hush" not in said


def test_what_does_not_exist_is_a_usage_error(variables: dict[str, str]) -> None:
    for arguments, name in (
        (("balances", "--department", "nobody"), "unowned"),
        (("balances", "--metric", "joy"), "conversion_rate"),
        (("rejected", "--reason", "mood"), "too_large"),
        (("redrive", "--reason", "mood"), "too_large"),
    ):
        done = cxb(*arguments, variables={**variables, "COLUMNS": "300"}, expect=2)
        assert f"'{arguments[-1]}' is not one of" in done.stderr
        assert name in done.stderr
        assert done.stdout == ""


def test_no_web_page_and_nobody_without_the_password_reaches_the_store(data: Path) -> None:
    record = instance(data)
    url, user = record["store_url"], record["user"]
    right = {"X-ClickHouse-User": user, "X-ClickHouse-Key": record["password"]}
    for headers in (
        {},
        {**right, "X-ClickHouse-Key": "guess"},
        {**right, "Origin": url},
        {**right, "Host": "evil.test"},
    ):
        request = urllib.request.Request(f"{url}/?query=SELECT%201", headers=headers)
        with pytest.raises(urllib.error.HTTPError) as denied:
            urllib.request.urlopen(request, timeout=5)
        assert denied.value.code in (401, 403)
        denied.value.close()
    with urllib.request.urlopen(
        urllib.request.Request(f"{url}/?query=SELECT%201", headers=right), timeout=5
    ) as response:
        assert response.read() == b"1\n"


def test_the_record_of_the_instance_is_for_its_owner_alone(data: Path) -> None:
    for name in ("instance.json", "customer.key"):
        assert (data / name).stat().st_mode & 0o777 == 0o600


def test_a_second_instance_on_the_directory_ends_with_a_sentence(data: Path) -> None:
    done = cxb("up", "--data", str(data), variables={}, expect=3)
    assert f"process {instance(data)['pid']} already runs an instance" in done.stderr
    assert "Traceback" not in done.stderr


def test_ports_that_are_taken_are_avoided_and_all_servers_stay_on_this_machine(data: Path) -> None:
    record = instance(data)
    ports = [int(record[name].rpartition(":")[2]) for name in ("kafka", "store_url", "web_url", "gateway_url")]
    assert not set(ports) & set(USUAL_PORTS)
    for port in ports:
        with socket.create_server(("127.0.0.2", port)):
            pass  # nobody listens there on all addresses
