"""Memory of a process, tried in processes of their own."""

import subprocess
import sys

HEAPS = """
import re, threading
from streams import memory
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

SETTLED = """
import gc
from streams import memory
memory.settled()
print(gc.get_freeze_count(), len(gc.get_objects()))
"""


def test_threads_share_two_heaps() -> None:
    told = subprocess.run([sys.executable, "-c", HEAPS], capture_output=True, text=True, check=True).stdout
    assert told.count("<heap nr=") == 2


def test_what_was_there_is_left_alone_by_the_collector() -> None:
    program = (
        "import gc; from streams import memory; memory.settled(); print(gc.get_freeze_count(), len(gc.get_objects()))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    frozen, watched = map(int, told.split())
    assert frozen > 1_000 > watched
