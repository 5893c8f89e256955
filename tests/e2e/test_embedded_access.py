"""Who reaches a running embedded instance, and what is in its way at its start."""

import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import USUAL_PORTS
from tests.e2e.running import cxb, instance

pytestmark = pytest.mark.embedded


def test_a_wrong_password_is_said_in_a_sentence(data: Path) -> None:
    found = instance(data)
    told = {
        "CXB_CLICKHOUSE_URL": found["store_url"],
        "CXB_KAFKA_BOOTSTRAP_SERVERS": found["kafka"],
        "CXB_CLICKHOUSE_PASSWORD": "hush",
    }
    for command in (("balances",), ("rejected",), ("migrate",), ("publish", "--wait", "pyproject.toml"), ("rebuild",)):
        said = cxb(*command, told=told, expect=3).stderr
        assert said.count("\n") == 1
        assert "rejects user 'default': check CXB_CLICKHOUSE_USER, CXB_CLICKHOUSE_PASSWORD" in said
        assert "hush" not in said


def test_no_web_page_and_nobody_without_the_password_reaches_the_store(data: Path) -> None:
    found = instance(data)
    url, user = found["store_url"], found["user"]
    right = {"X-ClickHouse-User": user, "X-ClickHouse-Key": found["password"]}
    for headers in (
        {},
        {**right, "X-ClickHouse-Key": "guess"},
        {**right, "Origin": url},
        {**right, "Host": "evil.test"},
    ):
        request = urllib.request.Request(f"{url}/?query=SELECT%201", headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        assert refused.value.code in (401, 403)
        refused.value.close()
    with urllib.request.urlopen(
        urllib.request.Request(f"{url}/?query=SELECT%201", headers=right), timeout=5
    ) as response:
        assert response.read() == b"1\n"


def test_the_record_of_the_instance_is_for_its_owner_alone(data: Path) -> None:
    for name in ("instance.json", "customer.key"):
        assert (data / name).stat().st_mode & 0o777 == 0o600


def test_a_second_instance_on_the_directory_is_told_in_a_sentence(data: Path) -> None:
    done = cxb("up", "--data", str(data), told={}, expect=3)
    assert f"process {instance(data)['pid']} already runs an instance" in done.stderr
    assert "Traceback" not in done.stderr


def test_ports_that_are_taken_are_avoided_and_all_servers_stay_on_this_machine(data: Path) -> None:
    found = instance(data)
    ports = [int(found[name].rpartition(":")[2]) for name in ("kafka", "store_url", "web_url")]
    assert not set(ports) & set(USUAL_PORTS)
    for port in ports:
        with socket.create_server(("127.0.0.2", port)):
            pass  # nobody listens there on all addresses
