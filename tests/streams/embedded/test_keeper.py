import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from streams.embedded.keeper import Keeper, NoRoom
from streams.embedded.spool import Spool
from tests.streams.embedded.processes_of import until


class SlowSpool(Spool):
    """A spool that remembers how it was written."""

    def __init__(self, directory: Path, reserve_bytes: int = 0) -> None:
        super().__init__(directory, reserve_bytes=reserve_bytes)
        self.groups: list[int] = []

    def write(self, parts: Sequence[tuple[int, bytes]], now_s: float) -> list[int]:
        self.groups.append(len(parts))
        return super().write(parts, now_s)


@asynccontextmanager
async def running(spool: Spool) -> AsyncIterator[Keeper]:
    keeper = Keeper(spool, lambda: 0.0)
    task = asyncio.create_task(keeper.run())
    async with asyncio.timeout(20):
        yield keeper
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await keeper.close()


def held(directory: Path) -> list[bytes]:
    return [entry.records for entry in Spool(directory, reserve_bytes=0).held()]


async def test_what_is_kept_is_on_the_disk_at_once(tmp_path: Path) -> None:
    async with running(Spool(tmp_path, reserve_bytes=0)) as keeper:
        await keeper.keep([(0, b"a"), (1, b"b")])
        assert held(tmp_path) == [b"a", b"b"]


async def test_those_who_come_while_the_disk_is_busy_are_written_together(tmp_path: Path) -> None:
    spool = SlowSpool(tmp_path)
    async with running(spool) as keeper:
        numbers = await asyncio.gather(*(keeper.keep([(0, b"%d" % index)]) for index in range(50)))
        assert len({number for [number] in numbers}) == 50
    assert sum(spool.groups) == 50
    assert len(spool.groups) <= 3


async def test_nobody_of_a_group_that_the_disk_did_not_take_is_promised_anything(tmp_path: Path) -> None:
    async with running(Spool(tmp_path, reserve_bytes=1 << 60)) as keeper:
        outcomes = await asyncio.gather(*(keeper.keep([(0, b"a")]) for _ in range(3)), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [NoRoom] * 3
    assert held(tmp_path) == []


async def test_what_has_landed_goes_from_the_disk_whatever_comes_first(tmp_path: Path) -> None:
    spool = Spool(tmp_path, reserve_bytes=0)
    async with running(spool) as keeper:
        a, b, c, d = await keeper.keep([(0, b"a"), (0, b"b"), (0, b"c"), (1, b"d")])
        keeper.assigned(b, 0, range(3, 5))
        keeper.assigned(a, 0, range(3))
        keeper.assigned(d, 1, range(1))
        keeper.committed(0, 4)  # in the midst of b
        await until(lambda: held(tmp_path) == [b"b", b"c", b"d"])
        keeper.committed(0, 9)
        keeper.assigned(c, 0, range(5, 9))  # the commit was seen before the answer
        await until(lambda: held(tmp_path) == [b"d"])
        keeper.committed(1, 1)
        await until(lambda: held(tmp_path) == [])


async def test_a_log_that_begins_again_is_not_taken_for_committed(tmp_path: Path) -> None:
    async with running(Spool(tmp_path, reserve_bytes=0)) as keeper:
        keeper.committed(0, 1000)
        [number] = await keeper.keep([(0, b"a")])
        keeper.assigned(number, 0, range(3))
        keeper.committed(0, 2)
    assert held(tmp_path) == [b"a"]


async def test_a_client_that_goes_leaves_nothing_that_would_stay(tmp_path: Path) -> None:
    spool = Spool(tmp_path, reserve_bytes=0)
    async with running(spool) as keeper:
        client = asyncio.create_task(keeper.keep([(0, b"a")]))
        await asyncio.sleep(0)
        client.cancel()
        await keeper.keep([(0, b"b")])
        await until(lambda: held(tmp_path) == [b"b"])


async def test_a_client_that_goes_as_the_disk_has_it_leaves_nothing_that_would_stay(tmp_path: Path) -> None:
    keeper = Keeper(Spool(tmp_path, reserve_bytes=0), lambda: 0.0)
    client = asyncio.create_task(keeper.keep([(0, b"a")]))
    await asyncio.sleep(0)
    await keeper._write()
    client.cancel()  # it has been answered, and has not run since
    with pytest.raises(asyncio.CancelledError):
        await client
    await keeper.close()
    assert held(tmp_path) == []


async def test_what_was_done_last_is_written_at_the_end(tmp_path: Path) -> None:
    async with running(Spool(tmp_path, reserve_bytes=0)) as keeper:
        first, _ = await keeper.keep([(0, b"a"), (0, b"b")])
        keeper.abandon([first])
    assert held(tmp_path) == [b"b"]
