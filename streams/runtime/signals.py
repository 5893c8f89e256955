"""Signals that ask a process to end: `cxb` holds them back while it could not answer them in a sentence."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

ENDING: Final = (signal.SIGINT, signal.SIGTERM)


def release() -> None:
    """Lets signals through, those that came meanwhile too."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


@contextmanager
def released() -> Iterator[None]:
    """Lets signals through while the block runs; after it, all is as before."""
    before = signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
