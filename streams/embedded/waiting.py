"""What a spool holds that was accepted: before a start brings it back, and behind a broker that knows of nothing."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from streams.embedded.record_batches import Corrupt, measure, stated
from streams.embedded.stock import Stock

GRACE_S: Final = 3.0  # what was committed is forgotten within half a second
POLL_S: Final = 0.05


def directory_of(spool: Path, topic: str) -> Path:
    """Where the spool of a topic is."""
    return spool / quote(topic, safe="")


def waiting_records(spool: Path, topic: str) -> int:
    """How many records of a topic the next start brings back. The instance must not run.

    What landed in the last moments of a broker that was killed may be among them; it lands once for all that.

    Raises:
        OSError: it cannot be read.
    """
    directory = directory_of(spool, topic)
    if not directory.is_dir():
        return 0
    records = 0
    for entry in Stock(directory).held():
        with suppress(Corrupt):  # the next start puts it aside, and says so
            records += stated(entry.records)
    return records


async def left(directory: Path, grace_s: float = GRACE_S) -> Mapping[int, int]:
    """How many records the spool of a topic holds and goes on to hold, by partition; what comes meanwhile not counted.

    Raises:
        OSError: it cannot be read.
    """
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + grace_s
    stock = await asyncio.to_thread(_stock, directory)
    first = waiting = set(stock.open)
    while waiting and loop.time() < deadline_s:
        await asyncio.sleep(POLL_S)
        stock = await asyncio.to_thread(_stock, directory)
        waiting = first & set(stock.open)
    return await asyncio.to_thread(_records, directory, waiting) if waiting else {}


def _stock(directory: Path) -> Stock:
    while True:
        try:
            return Stock(directory)
        except FileNotFoundError:  # its writer has removed a segment meanwhile, which it does when nothing needs it
            continue


def _records(directory: Path, numbers: set[int]) -> Mapping[int, int]:
    while True:
        counts: dict[int, int] = {}
        try:
            for entry in _stock(directory).held():
                if entry.number in numbers:
                    counts[entry.partition] = counts.get(entry.partition, 0) + _measured(entry.records)
        except FileNotFoundError:  # as above: what was counted may be gone, and what comes after it is not counted yet
            continue
        return counts


def _measured(records: bytes) -> int:
    try:
        return measure(records)
    except Corrupt:
        return 1
