"""`cxb` without the second that its imports take: a process for each command, forked from one that has imported all.

A server imports all commands and listens on a socket. For each connection it forks a process that forks the command and
tells its process id and how it ended. What a command imports, and when, is a matter of tests/streams/cli/test_lazy.py.
"""

import atexit
import functools
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

PROJECT = Path(__file__).resolve().parents[2]


def run(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float, input: str | None = None
) -> subprocess.CompletedProcess[str]:
    """A command run to its end, as `subprocess.run` with captured texts gives it.

    Raises:
        TimeoutExpired: It had not ended after `timeout` seconds, and was killed.
    """
    with tempfile.TemporaryDirectory(prefix="cxb-") as made:
        directory = Path(made)
        (directory / "0").write_text(input or "")
        order = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env), "directory": made}
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(_server())
            connection.sendall(json.dumps(order).encode() + b"\n")
            code = _code(connection, arguments, timeout)
        out, err = ((directory / name).read_text() for name in "12")
    return subprocess.CompletedProcess(list(arguments), code, out, err)


def _code(connection: socket.socket, arguments: Sequence[str], timeout: float) -> int:
    deadline, said = time.monotonic() + timeout, b""
    while said.count(b"\n") < 2:
        connection.settimeout(max(deadline - time.monotonic(), 0.01))
        try:
            more = connection.recv(100)
        except TimeoutError:
            with suppress(ValueError, ProcessLookupError):
                os.kill(int(said), signal.SIGKILL)
            raise subprocess.TimeoutExpired(list(arguments), timeout) from None
        if not more:
            raise RuntimeError(f"the server of commands ended before {arguments} did")
        said += more
    return int(said.split()[1])


@functools.cache
def _server() -> str:
    """The address of this process's server; it ends with this process, however that ends."""
    address = tempfile.mktemp(prefix="cxb-", suffix=".socket")
    server = subprocess.Popen([sys.executable, "-m", __name__, address], cwd=PROJECT, stdin=subprocess.PIPE)
    atexit.register(_end, server, address)
    deadline = time.monotonic() + 60
    while not Path(address).exists():
        assert server.poll() is None, "the server of commands did not start"
        assert time.monotonic() < deadline, "the server of commands did not start within a minute"
        time.sleep(0.02)
    return address


def _end(server: "subprocess.Popen[bytes]", address: str) -> None:
    assert server.stdin is not None
    server.stdin.close()
    server.wait(30)
    Path(address).unlink(missing_ok=True)


def serve(address: str) -> None:
    """Forks for each connection, until stdin ends."""
    import_module("tests.commands")
    gc.collect()
    gc.freeze()  # else each command, at its end, looks at all that was imported: half a second
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for what watches a command
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{address}.new")
        listener.listen(64)
        Path(f"{address}.new").rename(address)  # there only once it listens
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if not os.fork():
                listener.close()
                _watch(connection)
            connection.close()


def _watch(connection: socket.socket) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with connection.makefile() as stream:
        order: dict[str, Any] = json.loads(stream.readline())
    pid = os.fork()
    if not pid:
        connection.close()
        _become(order)
    connection.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    with suppress(BrokenPipeError):  # nobody waits for it any more
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(order: Mapping[str, Any]) -> NoReturn:
    """Runs the command, and ends as the interpreter does: with what is registered for its end."""
    for number, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY | os.O_CREAT), (2, os.O_WRONLY | os.O_CREAT)):
        opened = os.open(f"{order['directory']}/{number}", flags)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    sys.argv = ["cxb", *order["arguments"]]
    sys.modules["__main__"].__package__ = None  # else usage names this module, as of `python -m`
    import_module("streams.cli.main").main()
    sys.exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
