"""A trace of what a worker does, in the words of the protocol: tests hold it against a model (tests/model/replay.py).

CXB_TRACE=FILE appends a line of JSON for each step. Without it, `to` is None and nothing is done: ask `if trace.to`.

Each line has `worker` (the process), `seq` (its number of the line), `t` (nanoseconds, one clock for all processes of a
machine), `event`, and what the event needs:

    take(tp, first, next, generation, records)     reject(tp, offset)       land(rows, chunks)
    commit(next, generation, accepted)             rebalance(generation, partitions)
    refresh_look(upto)     refresh_note(upto)      fold(day)
    erase_mark     erase_look     erase_done       drain_start     drain_end(outcome)

`tp` is a partition, `next` the offset after the last; of a commit, by partition. A commit is written when it is sent
(`accepted` null) and when it is answered. `chunks` is how many of those taken land, the oldest first.
"""

import itertools
import os
import threading
import time
from typing import Any, Final

import msgspec


class TraceFile:
    """Where lines go: to the file at once, so that what a killed process did is there."""

    def __init__(self, path: str) -> None:
        """Opens it."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def write(self, event: str, **fields: Any) -> None:
        """Appends a line; from any thread."""
        with self._lock:
            line = {
                "worker": os.getpid(), "seq": next(self._numbers), "t": time.monotonic_ns(), "event": event, **fields
            }  # fmt: skip
            os.write(self._file, msgspec.json.encode(line) + b"\n")


to: Final = TraceFile(os.environ["CXB_TRACE"]) if os.environ.get("CXB_TRACE") else None
