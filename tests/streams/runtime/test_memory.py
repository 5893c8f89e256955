"""Memory of a process, tried in processes of their own."""

import subprocess
import sys

HEAPS = """
import re, threading
from streams.runtime import memory
memory.few_heaps()
ready, go = threading.Barrier(9), threading.Event()
def hold():
    kept = [bytes(600) for _ in range(2000)]
    ready.wait(); go.wait()
threads = [threading.Thread(target=hold) for _ in range(8)]
for thread in threads: thread.start()
ready.wait()
import ctypes
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
out = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, ctypes.c_void_p(out)); libc.fclose(ctypes.c_void_p(out))
go.set()
"""

MATRICES = """
from streams.runtime import memory
memory.one_matrix_thread()
import numpy, os
a = numpy.ones((400, 400)); (a @ a).sum()
print(len(os.listdir("/proc/self/task")))
"""

SETTLED = """
import gc
from streams.runtime import memory
memory.settled()
print(gc.get_freeze_count(), len(gc.get_objects()))
"""

COLLECTED = """
import gc
from streams.runtime import memory
memory.settled()
phases = []
gc.callbacks.append(lambda phase, info: phases.append(phase))
kept = [[] for _ in range(memory.NEW_OBJECTS // 2)]
before = len(phases)
kept += [[] for _ in range(memory.NEW_OBJECTS)]
print(before, len(phases) > 0)
"""


RINGS = """
import asyncio, gc, weakref
from streams.runtime import memory
class Rows(list): pass
def failed():
    rows = Rows([bytes(1000)])
    try:
        raise OSError
    except OSError as error:
        kept = error  # its traceback has this frame, and this frame has it
    return weakref.ref(rows)
async def main():
    memory.settled()
    left = failed()
    collecting = asyncio.create_task(memory.collect_regularly(0.05))
    print(left() is not None)
    while left() is not None:
        await asyncio.sleep(0.01)
    collecting.cancel()
    print(left() is None)
asyncio.run(main())
"""


def printed_by(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_threads_share_two_heaps() -> None:
    assert printed_by(HEAPS).count("<heap nr=") == 2


def test_what_was_there_is_left_alone_by_the_collector() -> None:
    frozen, watched = map(int, printed_by(SETTLED).split())
    assert frozen > 1_000 > watched


def test_matrices_are_multiplied_by_the_thread_that_asks() -> None:
    assert printed_by(MATRICES).strip() == "1"


def test_the_collector_comes_for_what_has_piled_up_and_not_for_what_comes_and_goes() -> None:
    assert printed_by(COLLECTED).split() == ["0", "True"]


def test_what_a_failed_insert_leaves_is_collected_before_new_objects_pile_up() -> None:
    assert printed_by(RINGS).split() == ["True", "True"]
