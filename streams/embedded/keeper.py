"""Keeps one topic: what is accepted is on the disk before anybody hears of it, and stays there until it has landed."""

import asyncio
import heapq
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from streams.embedded.spool import Spool

FORGET_EVERY_S = 0.5
EXPIRE_EVERY_S = 60.0


class NoRoom(Exception):
    """The disk did not take it: nothing of it is kept."""


class Keeper:
    """A spool, written in groups: what is handed in while the disk is busy is written at once after that.

    Offsets are those of the broker's present life. Everything but `run` is called from the event loop.
    """

    def __init__(self, spool: Spool, clock_s: Callable[[], float]) -> None:
        self._spool = spool
        self._clock_s = clock_s
        self._waiting: list[tuple[Sequence[tuple[int, bytes]], asyncio.Future[list[int]]]] = []
        self._done: list[int] = []
        self._ends: dict[int, list[tuple[int, int]]] = {}  # partition: (offset after the last record, number), a heap
        self._committed: dict[int, int] = {}
        self._work = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")

    async def keep(self, parts: Sequence[tuple[int, bytes]]) -> list[int]:
        """Keeps record batches, each with its partition; their numbers, once they are on the disk.

        Raises:
            NoRoom: the disk is full, or fails.
        """
        kept: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        self._waiting.append((parts, kept))
        self._work.set()
        try:
            return await kept
        except asyncio.CancelledError:
            if kept.done() and not kept.cancelled() and kept.exception() is None:
                self.abandon(kept.result())
            raise

    def assigned(self, number: int, partition: int, offsets: range) -> None:
        """An entry got its offsets in the broker: it has landed when all of them are committed."""
        if offsets.start == 0:  # the log has just begun, maybe again: what was committed before was another one's
            self._committed.pop(partition, None)
        if offsets.stop <= self._committed.get(partition, 0):
            self.abandon([number])
        else:
            heapq.heappush(self._ends.setdefault(partition, []), (offsets.stop, number))

    def abandon(self, numbers: Sequence[int]) -> None:
        """Entries need not be kept any more, or never: whoever sent them was not promised anything."""
        self._done += numbers
        self._work.set()

    def committed(self, partition: int, offset: int) -> None:
        """The group has committed: whatever is below `offset` has landed."""
        self._committed[partition] = max(offset, self._committed.get(partition, 0))
        ends = self._ends.get(partition, [])
        while ends and ends[0][0] <= offset:
            self.abandon([heapq.heappop(ends)[1]])

    async def run(self) -> None:
        """Writes what is handed in, and forgets what is done, until cancelled.

        Raises:
            OSError: a file of the spool cannot be removed or cut.
        """
        loop = asyncio.get_running_loop()
        forgotten_s = loop.time()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(forgotten_s + self._pause_s()):
                    await self._work.wait()
            self._work.clear()
            await self._write()
            if loop.time() >= forgotten_s + self._pause_s():
                await self._forget()
                forgotten_s = loop.time()

    async def close(self) -> None:
        """Writes what is done and closes the files; `run` has ended."""
        await self._forget()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._spool.close)
        self._thread.shutdown()

    def _pause_s(self) -> float:
        return FORGET_EVERY_S if self._done else EXPIRE_EVERY_S

    async def _write(self) -> None:
        group, self._waiting = self._waiting, []
        if not group:
            return
        parts = [part for parts, _ in group for part in parts]
        written = asyncio.get_running_loop().run_in_executor(self._thread, self._spool.write, parts, self._clock_s())
        try:
            numbers = iter(await written)
        except OSError as error:
            for _, kept in group:
                if not kept.done():
                    kept.set_exception(NoRoom(str(error)))
            return
        for its_parts, kept in group:
            its_numbers = [next(numbers) for _ in its_parts]
            if kept.done():  # its client has gone: nobody was promised anything
                self.abandon(its_numbers)
            else:
                kept.set_result(its_numbers)

    async def _forget(self) -> None:
        done, self._done = self._done, []
        await asyncio.get_running_loop().run_in_executor(self._thread, self._spool.forget, done, self._clock_s())
