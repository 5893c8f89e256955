"""The record of a running instance in its data directory: how other commands find it, and why there is only one.

Files of DIR: `instance.json` (addresses and password, while it runs), `lock`, `customer.key`, `reader.password`,
`store/`, `spool/` (what was accepted and has not landed), `logs/`.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from streams.errors import ConfigurationError, Unreachable
from streams.settings.key_format import CUSTOMER_KEYS

if TYPE_CHECKING:
    from streams.settings.settings import KafkaSettings


class InstanceError(ConfigurationError):
    """Something is wrong with a data directory; the text says what, then what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy


class NoInstance(InstanceError):
    """No instance runs on the data directory."""

    exit_code = Unreachable.exit_code

    def __init__(self, data: Path, message: str) -> None:
        super().__init__(
            message,
            f"start one with: cxb up --data {data}; for a Kafka and a ClickHouse of yours, set "
            "CXB_KAFKA_BOOTSTRAP_SERVERS and CXB_CLICKHOUSE_URL",
        )


class Starting(NoInstance):
    """An instance starts on the data directory, and is not ready."""

    def __init__(self, data: Path, pid: int) -> None:
        InstanceError.__init__(
            self, f"the instance on {data} (process {pid}) is starting and not ready yet", "try again in a few seconds"
        )


class AlreadyRunning(InstanceError):
    """Another process holds the data directory."""


class BadKey(InstanceError):
    """The customer key cannot be used as it stands."""


class Instance(msgspec.Struct, frozen=True):
    """A running instance: its process, and where its parts listen.

    `started` is the supervisor's start time in clock ticks since boot, None where the system does not show it.
    """

    pid: int
    started: int | None
    kafka: str
    store_url: str
    user: str
    password: str
    web_url: str
    registry: str
    version: str
    gateway_url: str = ""

    def __repr__(self) -> str:
        return f"Instance(pid={self.pid}, web_url={self.web_url!r}, password=***)"


def broker_of(instance: Instance, settings: "KafkaSettings") -> "KafkaSettings":
    """The broker of an instance, with the topic and group that are set."""
    return settings.model_copy(update={"bootstrap_servers": instance.kafka, "security_protocol": "PLAINTEXT"})


def write(data: Path, instance: Instance) -> None:
    """Records the instance in `data`, at once and readable by its owner alone."""
    _write_privately(data / "instance.json", msgspec.json.format(msgspec.json.encode(instance)))


def read(data: Path) -> Instance:
    """The record in `data`, whether or not its process lives.

    Raises:
        NoInstance: there is none.
        InstanceError: it is not readable as a record.
    """
    path = data / "instance.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Instance)
    except FileNotFoundError as error:
        raise NoInstance(data, f"no instance runs on {data}") from error
    except PermissionError as error:
        raise InstanceError(f"{path} belongs to another user", "choose a directory of yours with --data") from error
    except OSError as error:
        raise _unusable(data, error) from error
    except msgspec.DecodeError as error:
        remedy = f"stop that instance if it runs, then start again with: cxb up --data {data}"
        raise InstanceError(f"{path} is damaged: {error}", remedy) from error


def remove(data: Path) -> None:
    """Forgets the instance of `data`, if one is recorded."""
    (data / "instance.json").unlink(missing_ok=True)


def find(data: Path) -> Instance:
    """The instance that runs on `data`.

    Raises:
        Starting: one starts.
        NoInstance: none is recorded, or its process is gone.
        InstanceError: the record is not readable.
    """
    try:
        instance = read(data)
    except NoInstance:
        if pid := _claimed_by(data):
            raise Starting(data, pid) from None
        raise
    if not _alive(instance.pid, instance.started):
        raise NoInstance(data, f"the instance recorded in {data} (process {instance.pid}) has ended")
    return instance


@contextmanager
def claim(data: Path) -> Iterator[None]:
    """Holds `data`, made if absent, for this process; the system lets go of it however the process ends.

    Raises:
        AlreadyRunning: another process holds it.
        InstanceError: it cannot be made or written to.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unusable(data, error) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = os.read(lock, 32).decode().partition(" ")[0].strip() or "unknown"
            remedy = f"stop it with: kill {pid}, or choose another directory with --data"
            raise AlreadyRunning(f"process {pid} already runs an instance on {data}", remedy) from error
        os.ftruncate(lock, 0)
        # Who asks reads this: to try the lock would take it away from a start at that moment.
        os.pwrite(lock, f"{os.getpid()} {start_time(os.getpid()) or ''}\n".encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(lock, 0)
    finally:
        os.close(lock)


def customer_key(data: Path) -> Path:
    """The file with the key that hashes customers, 32 bytes in hex; made at the first start, and never next to facts.

    Raises:
        BadKey: others can read it, it is not a key, or it is gone and there is a store whose customers it hashed.
    """
    path = data / "customer.key"
    if not path.exists():
        if (data / "store").exists():
            raise BadKey(
                f"{path} is missing, and the customers in {data / 'store'} were hashed with it",
                "restore it from a backup; if it is lost for good, nobody can be found or erased in those facts any "
                f"more: make a new one with: (umask 077; openssl rand -hex 32 > {path}), and see cxb doctor",
            )
        _write_privately(path, secrets.token_hex(32).encode() + b"\n")
    _require_private(path)
    if not CUSTOMER_KEYS.fullmatch(path.read_text(errors="replace")):
        raise BadKey(
            f"{path} does not hold 64 hexadecimal digits", "restore it from a backup: a new key splits customers"
        )
    return path


def reader_password(data: Path) -> str:
    """The password of the account that only reads, in `reader.password`: made at the first start, the same at each.

    Raises:
        BadKey: Others can read the file, or it is empty.
    """
    path = data / "reader.password"
    if not path.exists():
        _write_privately(path, secrets.token_urlsafe(24).encode() + b"\n")
    _require_private(path)
    password = path.read_text(errors="replace").strip()
    if not password:
        raise BadKey(f"{path} is empty", "remove it: the next start makes a new password")
    return password


def _require_private(path: Path) -> None:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise BadKey(f"other users can read {path} (mode {mode:03o})", f"run: chmod 600 {path}")


def start_time(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None where it is gone or the system does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name, in parentheses, may hold spaces and parentheses itself.
    return int(stat.rpartition(")")[2].split()[19])


def _unusable(data: Path, error: OSError) -> InstanceError:
    return InstanceError(f"cannot use {data} as a data directory: {error.strerror}", "choose another one with --data")


def _claimed_by(data: Path) -> int | None:
    """The process that holds a data directory."""
    try:
        pid, _, started = (data / "lock").read_text(errors="replace").strip().partition(" ")
    except OSError:
        return None
    holds = pid.isdecimal() and _alive(int(pid), int(started) if started.isdecimal() else None)
    return int(pid) if holds else None


def _alive(pid: int, started: int | None) -> bool:
    """Whether a process that was started then, see `start_time`, runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives and belongs to another user; whether it is the same process is for the start time to say
    return started == start_time(pid)


def _write_privately(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
