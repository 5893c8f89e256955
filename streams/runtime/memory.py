"""What a process does with its memory: few heaps, and a collector that leaves alone what stays anyway."""

import asyncio
import ctypes
import gc
import os
from typing import Final, NoReturn

_ARENA_MAX: Final = -8
"""`M_ARENA_MAX` of glibc's malloc.h."""
ARENAS: Final = 2
NEW_OBJECTS: Final = 100_000
"""The collector looks through new objects once so many more were made than released; Python's own number is 700."""
COLLECT_EVERY_S: Final = 60.0


def few_heaps() -> None:
    """Keeps glibc from making a heap for each thread: rows pass from thread to thread, and holes would be left in all.

    To be called before threads are started. Without glibc it does nothing: other allocators have no such option.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, ARENAS)


def one_matrix_thread() -> None:
    """Keeps numpy's OpenBLAS from a thread and buffers for each core: our matrices are small, and those threads spin.

    To be called before numpy is imported. Whoever has set it otherwise is obeyed.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def settled() -> None:
    """Tells the collector that all there is stays, and to look for new garbage rarely.

    To look through everything again took a fifth of an event's CPU, and through records that come and go by thousands
    a tenth of what was left.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


async def collect_regularly(every_s: float = COLLECT_EVERY_S) -> NoReturn:
    """Collects what refers to itself and to which nobody else does, until cancelled; it takes milliseconds.

    An insert that failed is such a ring: its error, the frames that the error came through, and the rows in them. Where
    native code reads events, hardly any objects are made, and NEW_OBJECTS of them would be hours of such rings.
    """
    while True:
        await asyncio.sleep(every_s)
        gc.collect()
