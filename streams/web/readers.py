"""Readers: the API's questions to the store, on threads and connections of their own.

Ingest, refresh, drift, scrapes and health never wait behind them.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

from streams.store.client import Store
from streams.store.deadline import Deadline

RETRY_AFTER_S: Final = 5

T = TypeVar("T")


class Busy(Exception):
    """More is asked than is answered at a time; the text says what to do."""


class Readers:
    """A bounded number of threads that ask the store, and of questions that wait for one."""

    def __init__(self, store: Store, at_once: int, waiting: int) -> None:
        """Starts no thread yet.

        Args:
            store: Of the readers' own: its connections are nobody else's.
            at_once: How many questions are answered at a time.
            waiting: How many more may wait.
        """
        self._store, self._at_once, self._most = store, at_once, at_once + waiting
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="reader")
        self._asked: dict[Future[Any], Deadline] = {}

    async def ask(self, question: Callable[[Store], T], limit_s: float) -> T:
        """The answer to a question, which gets the store to ask.

        A thread that is late keeps its place until it really ends: the engine stops its statement at the deadline.

        Raises:
            Busy: Too many wait already, or this one has waited for as long as it may.
            TimeoutError: The store took longer than `limit_s`.
        """
        self._asked = {future: deadline for future, deadline in self._asked.items() if not future.done()}
        if len(self._asked) >= self._most:
            raise self._busy()
        deadline = Deadline(limit_s)
        future = self._threads.submit(question, self._store.until(deadline))
        self._asked[future] = deadline
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), limit_s)
        except TimeoutError:
            # One that has not begun was taken back.
            raise (self._busy() if future.cancelled() else deadline.over()) from None
        finally:
            deadline.expire()

    async def close(self, app: object = None) -> None:
        """Takes back what waits, and lets what runs ask nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for deadline in self._asked.values():
            deadline.expire()

    async def ended(self, app: object = None) -> None:
        """Waits until what runs has ended."""
        await asyncio.to_thread(self._threads.shutdown)

    def _busy(self) -> Busy:
        return Busy(
            f"{self._at_once} questions are being answered, and others wait: ask again in {RETRY_AFTER_S} s, or raise "
            "CXB_HTTP_READERS"
        )
