"""What something costs: processor time, which hardly knows of other work of the machine, and the most memory held."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, TypeVar

from bench.memory import forget_peak, peak_mb
from bench.outside import cpu_s
from bench.outside import store as stored
from streams.runtime import memory
from streams.store import client
from streams.store.client import Store
from streams.store.migrations import migrate

TIMEOUT_S: Final = 600.0
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one act took.

    Attributes:
        store_s: Processor time of the store, seconds.
        worker_s: Of this process, seconds.
        store_mb: The most memory of the store, MB; None where it is not taken.
        worker_mb: Of this process, MB.
        made: What it made, as a text.
    """

    store_s: float
    worker_s: float
    store_mb: float | None
    worker_mb: float
    made: str


Costs = Mapping[str, Cost]
"""By what was done."""


@contextmanager
def measured_store() -> Iterator[tuple[Store, int]]:
    """A store of its own with our tables, and the id of its process."""
    with tempfile.TemporaryDirectory() as scratch, stored(Path(scratch)) as (settings, pid):
        store = Store(settings.model_copy(update={"timeout_s": TIMEOUT_S}))
        list(migrate(store))
        try:
            yield store, pid
        finally:
            store.close()


def cost(store_pid: int, act: Callable[[], str]) -> Cost:
    """What an act takes, which returns what it made."""
    for pid in ("self", store_pid):
        forget_peak(pid)
    store_s, worker_s = cpu_s(store_pid), time.process_time()
    made = act()
    worker_s = time.process_time() - worker_s
    return Cost(cpu_s(store_pid) - store_s, worker_s, peak_mb(store_pid), peak_mb(), made)


def apart(act: Callable[[], Result]) -> Result:
    """What an act returns, in a process of its own: what others have held before it is not in its memory.

    The process is a copy of this one, so that the act may be any function; what it returns must have a pickle.

    Raises:
        EOFError: The act has failed; its traceback is on stderr.
    """
    forked = get_context("fork")
    ours, theirs = forked.Pipe(duplex=False)
    process = forked.Process(target=_send, args=(theirs, act))
    process.start()
    theirs.close()
    try:
        return ours.recv()  # type: ignore[no-any-return]
    finally:
        process.join()


def _send(to: Connection, act: Callable[[], object]) -> None:
    to.send(act())


@dataclass(frozen=True, slots=True)
class Dimension:
    """What is made larger: a function of its size, and the two sizes."""

    name: str
    measured: Callable[[int], Costs]
    sizes: tuple[int, int]


def as_in_a_worker() -> None:
    """Makes what is measured that of a worker: one thread for matrices, and no pandas in the driver."""
    memory.one_matrix_thread()
    client.install()
