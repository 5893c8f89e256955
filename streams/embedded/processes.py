"""Children that do not outlive their parent: how they start, what they inherit, how they stop."""

import asyncio
import ctypes
import fcntl
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from streams.embedded.held_ports import HELD_PORT

LIFELINE = "CXB_LIFELINE_FD"
ACCEPT_NO_MORE = signal.SIGUSR1
"""To the broker, once it answers: it refuses events from then on."""
LOG_BYTES = 10 << 20
TURN_POLL_S = 0.05
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Command:
    """How to start a child; its output goes to the end of `log`. Secrets belong in `environment`, never in `argv`.

    `held` is the port that it is to listen at, while we hold it: after `let_go` a child binds its port by itself.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    held: socket.socket | None = None

    def let_go(self) -> None:
        """Closes our end of the port: from then on only the child that got it listens there, as long as it runs."""
        if self.held is not None:
            self.held.close()


class Lifeline:
    """A pipe whose writing end only this process holds: it ends for the children when this process does."""

    def __init__(self) -> None:
        self.reading, self._writing = os.pipe()

    def close(self) -> None:
        """Lets go of both ends; children that still run end themselves."""
        os.close(self.reading)
        os.close(self._writing)


def end_with_parent() -> None:
    """For Python children: ends this process when the parent's lifeline does; without one, nothing.

    Linux kills the children by itself. Elsewhere this is what keeps a killed parent from leaving them behind.
    """
    descriptor = os.environ.get(LIFELINE)
    if descriptor is None:
        return

    def watch() -> None:
        os.read(int(descriptor), 1)
        os._exit(1)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


class Child:
    """A running child process."""

    def __init__(self, command: Command, process: asyncio.subprocess.Process) -> None:
        self.command = command
        self.asked_to_stop = False
        self._process = process

    @property
    def pid(self) -> int:
        """Its process id, which is also that of its session and process group."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; the negative number of the signal that ended it, or what it returned."""
        return self._process.returncode

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        return await self._process.wait()

    async def stop(self, deadline_s: float, forced: asyncio.Event | None = None) -> bool:
        """SIGTERM, then SIGKILL to its whole group at the deadline or as soon as `forced` is set.

        Returns:
            Whether it ended by itself.
        """
        self.asked_to_stop = True
        self.send(signal.SIGTERM)
        ended = asyncio.ensure_future(self._process.wait())
        hurry = asyncio.ensure_future((forced or asyncio.Event()).wait())
        try:
            await asyncio.wait((ended, hurry), timeout=deadline_s, return_when=asyncio.FIRST_COMPLETED)
            by_itself = ended.done()
            if not by_itself:
                self.send(signal.SIGKILL)
            await ended
            return by_itself
        finally:
            hurry.cancel()

    def send(self, number: signal.Signals) -> None:
        """Sends it a signal if it runs: SIGKILL to its whole group."""
        if self.exit_code is not None:
            return
        if number is signal.SIGKILL:
            with suppress(ProcessLookupError):  # it has ended, and we have not been notified yet
                os.killpg(self.pid, number)
        else:
            self._process.send_signal(number)


async def start(command: Command, lifeline: Lifeline) -> Child:
    """Starts a child in a session of its own, so that Ctrl-C reaches only this process.

    Call it from the main thread: Linux takes the end of the thread that forked for the end of the parent.

    Raises:
        OSError: the program cannot be run.
    """
    log = os.open(command.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    given = {LIFELINE: lifeline.reading}
    if command.held is not None and command.held.fileno() >= 0:
        given[HELD_PORT] = command.held.fileno()
    try:
        process = await asyncio.create_subprocess_exec(
            *command.argv,
            env={**command.environment, **{name: str(descriptor) for name, descriptor in given.items()}},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=tuple(given.values()),
            start_new_session=True,
            preexec_fn=_dying_with(os.getpid()),
        )
    finally:
        os.close(log)
    return Child(command, process)


def free_port(preferred: int) -> int:
    """`preferred` if 127.0.0.1 has it free, else any free port."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                probe.listen()
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("127.0.0.1 has no free port")


@asynccontextmanager
async def turn_at_ports(deadline_s: float, given_up: Callable[[], bool]) -> AsyncIterator[None]:
    """While the block runs, no other instance on this machine chooses ports: a chosen one is free until it is used.

    After `deadline_s` seconds, or once `given_up` says so, it goes on without: who holds the turn may hang.
    """
    turn = os.open(tempfile.gettempdir(), os.O_RDONLY)  # locked itself: a file in it could be another user's
    loop = asyncio.get_running_loop()
    deadline = loop.time() + deadline_s
    try:
        while not given_up() and loop.time() < deadline:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(TURN_POLL_S)
        yield
    finally:
        os.close(turn)


def bound_log(path: Path, limit_bytes: int = LOG_BYTES) -> None:
    """Moves a log that outgrew the limit to `<name>.1`, over the one there, and empties it under its writer."""
    if not path.exists() or path.stat().st_size <= limit_bytes:
        return
    kept = os.open(path.with_name(path.name + ".1"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(kept, "wb") as copy, path.open("rb") as log:
        log.seek(-limit_bytes, os.SEEK_END)
        copy.write(log.read(limit_bytes))
    os.truncate(path, 0)


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, for an error message; empty if there is no log."""
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 8192))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])


def _dying_with(parent: int) -> Callable[[], None] | None:
    """What the child does between fork and exec: asks Linux to kill it when the parent ends."""
    libc = _LIBC
    if libc is None:
        return None

    def arrange() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the request took hold
            os._exit(1)

    return arrange
