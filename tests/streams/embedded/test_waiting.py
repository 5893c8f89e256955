import asyncio
from pathlib import Path

from streams.embedded.spool import Spool
from streams.embedded.waiting import directory_of, left
from tests.streams.embedded.batches import batch


def spool(directory: Path) -> Spool:
    return Spool(directory, reserve_bytes=0)


async def test_what_stays_in_the_spool_is_counted_in_records_by_partition(tmp_path: Path) -> None:
    opened = spool(tmp_path)
    opened.write([(0, batch(b"a", b"b")), (2, batch(b"c")), (2, b"no batch")], 0.0)
    assert await left(tmp_path, 0.1) == {0: 2, 2: 2}
    opened.close()


async def test_what_is_forgotten_within_the_time_is_not_left_and_what_comes_meanwhile_is_not_counted(
    tmp_path: Path,
) -> None:
    opened = spool(tmp_path)
    numbers = opened.write([(0, batch(b"a"))], 0.0)
    looking = asyncio.create_task(left(tmp_path, 10.0))
    await asyncio.sleep(0.2)
    opened.write([(0, batch(b"b"))], 0.0)
    opened.forget(numbers, 0.0)
    assert await asyncio.wait_for(looking, 5) == {}
    opened.close()


async def test_a_topic_without_a_spool_has_nothing_left(tmp_path: Path) -> None:
    assert await left(directory_of(tmp_path, "a/b"), 0.0) == {}
