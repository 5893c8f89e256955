"""How the page is reached: a token, a login, a port that is in use; by real commands in processes of their own."""

import socket
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from streams.embedded.instance import find
from streams.embedded.processes import free_port
from tests.e2e.running import cxb, up

TOKEN = "a-token-of-enough-length"
pytestmark = pytest.mark.embedded


def status(url: str, headers: dict[str, str] | None = None) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_an_instance_with_a_token_becomes_ready_at_the_port_that_is_wanted_shows_its_state_and_demands_a_login(
    tmp_path: Path,
) -> None:
    port, data = free_port(0), tmp_path / "data"
    with up(data, variables={"CXB_HTTP_TOKEN": TOKEN, "CXB_HTTP_PORT": str(port)}) as process:
        home = find(data).web_url
        assert home == f"http://127.0.0.1:{port}"
        assert status(f"{home}/api/v1/balances") == 401
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        form = urllib.parse.urlencode({"token": TOKEN, "next": "/api/v1/registry"}).encode()
        with opener.open(f"{home}/login", form, timeout=10) as answer:
            assert answer.url == f"{home}/api/v1/registry"
        # The state is read with the token: without it there would be no such line.
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("since the worker started: 0 events landed"):
                break
        else:
            raise AssertionError("no state")
        said = (data / "logs" / "worker.log").read_text()
    assert "a login from 127.0.0.1" in said
    assert TOKEN not in said
    assert [path for path in data.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()] == []


@pytest.mark.parametrize("arguments", [("worker",), ("up",)])
def test_a_port_that_is_in_use_is_one_sentence_and_exit_code_3(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        more = ("--data", str(tmp_path / "data")) if arguments == ("up",) else ()
        variables = {"CXB_HTTP_PORT": str(port), "CXB_CUSTOMER_KEY": "ab" * 32}
        done = cxb(*arguments, *more, variables=variables, expect=3)
    says = f"cxb: port {port} of 127.0.0.1 is in use: set CXB_HTTP_PORT to a free one, or to 0 for any"
    assert done.stderr.strip() == says
    assert done.stdout == ""
