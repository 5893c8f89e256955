import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.embedded.spool import Retention, Spool
from streams.embedded.spool_format import Done, Kept, encode

A_DAY_S = 86_400.0
OPERATIONS = st.lists(
    st.tuples(st.just("write"), st.lists(st.binary(min_size=1, max_size=30), min_size=1, max_size=3))
    | st.tuples(st.just("forget"), st.lists(st.integers(0, 12), max_size=4)),
    max_size=12,
)


def spool(directory: Path, **how: int) -> Spool:
    return Spool(directory, segment_bytes=how.get("segment_bytes", 100), reserve_bytes=how.get("reserve_bytes", 0))


def held(directory: Path) -> dict[int, bytes]:
    opened = spool(directory)
    entries = {entry.number: entry.records for entry in opened.held()}
    assert opened.open_entries == len(entries)
    opened.close()
    return entries


def files(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.log"))


def crashed(directory: Path, torn: bytes) -> Iterator[Path]:
    """The directory as a crash may leave it: another entry half written, at every byte."""
    for cut in range(len(torn)):
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(directory, copy, dirs_exist_ok=True)
            if found := files(Path(copy)):
                with found[-1].open("ab") as file:
                    file.write(torn[:cut])
            yield Path(copy)


@settings(max_examples=60, deadline=None)
@given(OPERATIONS)
def test_what_was_written_and_not_forgotten_is_held_after_a_crash_at_any_byte(
    operations: list[tuple[str, list[bytes] | list[int]]],
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary) / "spool"
        opened, wanted = spool(directory), dict[int, bytes]()
        for what, values in operations:
            if what == "write":
                written = [value for value in values if isinstance(value, bytes)]
                wanted |= zip(opened.write([(0, value) for value in written], 0.0), written, strict=True)
            else:
                chosen = [number for number in values if number in wanted]
                opened.forget([number for number in chosen if isinstance(number, int)], 0.0)
                wanted = {number: value for number, value in wanted.items() if number not in values}
        opened.close()
        for left in crashed(directory, encode(Done(list(wanted)))):
            assert held(left) == wanted


def test_what_was_written_is_synced_before_anybody_hears_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    sync = os.fdatasync

    def noted(file: int) -> None:
        synced.append(os.fstat(file).st_size)
        sync(file)

    monkeypatch.setattr(os, "fdatasync", noted)
    opened = spool(tmp_path)
    opened.write([(0, b"a")], 0.0)
    opened.write([(0, b"b"), (0, b"c")], 0.0)
    opened.close()
    sizes = [len(encode(Kept(number, 0, value))) for number, value in ((1, b"a"), (2, b"b"), (3, b"c"))]
    assert synced == [sizes[0], sum(sizes)]


def test_what_landed_leaves_nothing_on_the_disk(tmp_path: Path) -> None:
    opened = spool(tmp_path)
    numbers = [number for _ in range(9) for number in opened.write([(0, b"x" * 60)], 0.0)]
    assert len(files(tmp_path)) > 3
    opened.forget(numbers[1:], 0.0)
    assert len(files(tmp_path)) > 3  # the first one is needed, and only the ones after it say what is not
    opened.forget(numbers[:1], 0.0)
    assert sum(file.stat().st_size for file in files(tmp_path)) == 0
    opened.close()


def test_numbers_go_on_after_a_start(tmp_path: Path) -> None:
    first = spool(tmp_path)
    numbers = first.write([(0, b"a"), (1, b"b")], 0.0)
    first.forget(numbers[:1], 0.0)
    first.close()
    second = spool(tmp_path)
    assert second.write([(0, b"c")], 0.0) == [numbers[1] + 1]
    second.close()
    assert held(tmp_path) == {numbers[1]: b"b", numbers[1] + 1: b"c"}


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """A write beyond fails with EFBIG, as one on a full disk does with ENOSPC: half of it may be written."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_fails_half_way_keeps_nothing_of_it_and_all_before_and_after(tmp_path: Path) -> None:
    opened = spool(tmp_path, segment_bytes=10_000)
    [before] = opened.write([(0, b"before")], 0.0)
    with largest_file(200):
        for _ in range(5):
            with pytest.raises(OSError, match="File too large"):
                opened.write([(0, b"y"), (1, b"x" * 300)], 0.0)
        assert len(files(tmp_path)) == 1  # failures leave no empty files behind
    [after] = opened.write([(0, b"after")], 0.0)
    opened.close()
    assert held(tmp_path) == {before: b"before", after: b"after"}


def test_done_that_cannot_be_written_is_written_when_there_is_room(tmp_path: Path) -> None:
    opened = spool(tmp_path, segment_bytes=10_000)
    first, second, third = opened.write([(0, b"a"), (0, b"b"), (0, b"c")], 0.0)
    with largest_file(files(tmp_path)[0].stat().st_size):
        opened.forget([first], 0.0)
    opened.forget([second], 0.0)
    opened.close()
    assert held(tmp_path) == {third: b"c"}


def test_with_less_room_than_the_reserve_nothing_is_accepted(tmp_path: Path) -> None:
    opened = spool(tmp_path, reserve_bytes=1 << 60)
    with pytest.raises(OSError, match="reserve"):
        opened.write([(0, b"a")], 0.0)
    assert files(tmp_path) == []


def test_damage_is_counted(tmp_path: Path) -> None:
    opened = spool(tmp_path, segment_bytes=10_000)
    opened.write([(0, b"a")], 0.0)
    [second] = opened.write([(0, b"b")], 0.0)
    opened.close()
    content = bytearray(files(tmp_path)[0].read_bytes())
    content[15] ^= 1
    files(tmp_path)[0].write_bytes(content)
    again = spool(tmp_path)
    assert again.damaged_bytes == len(content) // 2
    assert [entry.number for entry in again.held()] == [second]


@pytest.mark.parametrize(("age_days", "size", "left"), [(7.0, 1 << 30, 2), (99.0, 150, 1), (99.0, 1 << 30, 3)])
def test_with_a_retention_old_segments_and_those_beyond_a_size_go(
    age_days: float, size: int, left: int, tmp_path: Path
) -> None:
    opened = Spool(tmp_path, reserve_bytes=0, retention=Retention(age_days * A_DAY_S, size))
    for day in (0.0, 5.0, 10.0):  # a segment for each day on which something is written
        opened.write([(0, b"x" * 100)], day * A_DAY_S)
        os.utime(files(tmp_path)[-1], (0, day * A_DAY_S))
    opened.forget([], 10.0 * A_DAY_S)
    opened.close()
    assert len(files(tmp_path)) == left
    assert len(held(tmp_path)) == left
