import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from crc32c import crc32c
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.embedded import account
from streams.embedded.account import ACCOUNT_BYTES, Owed
from streams.embedded.spool_format import Done, Kept, encode
from streams.embedded.stock import Stock, gaps, how_many
from tests.streams.embedded.test_spool import files, largest_file, spool

VALUES = st.binary(min_size=1, max_size=30) | st.builds(lambda number: encode(Kept(number, 0, b"")), st.integers(0, 99))
OPERATIONS = st.lists(
    st.tuples(st.just("write"), st.lists(VALUES, min_size=1, max_size=3))
    | st.tuples(st.just("fail"), st.just([b"too large"]))
    | st.tuples(st.just("forget"), st.lists(st.integers(1, 20), max_size=6))
    | st.tuples(st.just("reopen"), st.just([])),
    max_size=14,
)
CALLS = ("write", "pwrite", "fdatasync", "fsync", "ftruncate", "unlink", "replace", "open")


class Killed(BaseException):
    """The process has ended here."""


@contextmanager
def killed_at(call: int) -> Iterator[None]:
    """Ends the block at so manyeth call of the system; a write has written half."""
    real: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in CALLS}
    left = [call]

    def counted(name: str) -> Callable[..., Any]:
        def called(*arguments: Any, **more: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                if name == "write":
                    real[name](arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise Killed
            return real[name](*arguments, **more)

        return called

    with pytest.MonkeyPatch.context() as patch, suppress(Killed):
        for name in CALLS:
            patch.setattr(os, name, counted(name))
        yield


def run(directory: Path, operations: list[tuple[str, list[Any]]]) -> Iterator[dict[int, bytes]]:
    """Executes operations; gives before each what is needed: accepted, and not forgotten."""
    wanted: dict[int, bytes] = {}
    yield wanted
    opened = spool(directory)
    for what, values in operations:
        if what == "write":
            wanted |= zip(opened.write([(0, value) for value in values], 0.0), values, strict=True)
        elif what == "fail":
            with largest_file(60), suppress(OSError):
                wanted |= zip(opened.write([(0, b"x"), (0, b"y" * 100)], 0.0), (b"x", b"y" * 100), strict=True)
        elif what == "forget":
            chosen = [number for number in dict.fromkeys(values) if number in wanted]
            for number in chosen:
                del wanted[number]
            yield wanted
            opened.forget(chosen, 0.0)
        else:
            opened.close()
            opened = spool(directory)
        yield wanted
    opened.close()
    yield wanted


def executed(directory: Path, operations: list[tuple[str, list[Any]]]) -> dict[int, bytes]:
    *_, wanted = run(directory, operations)
    return wanted


def held(stock: Stock) -> dict[int, bytes]:
    return {entry.number: entry.records for entry in stock.held()}


@settings(max_examples=150, deadline=None)
@given(OPERATIONS, st.dictionaries(st.integers(0, 9), st.none() | st.floats(0, 1)))
def test_whatever_is_cut_or_deleted_what_is_needed_is_held_or_its_loss_is_counted(
    operations: list[tuple[str, list[Any]]], damage: dict[int, float | None]
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        wanted = executed(directory, operations)
        whole = Stock(directory)
        assert (held(whole), whole.damaged_bytes, how_many(whole.missing)) == (wanted, 0, 0)
        for number, file in enumerate(files(directory)):
            part = damage.get(number, 1.0)
            file.unlink() if part is None else os.truncate(file, int(part * file.stat().st_size))
        stock = Stock(directory)
        lost = wanted.keys() - held(stock).keys()
        assert all(held(stock)[number] == wanted[number] for number in wanted.keys() - lost)
        assert all(any(first <= number <= last for first, last in stock.missing) for number in lost)


@settings(max_examples=150, deadline=None)
@given(OPERATIONS, st.integers(1, 80))
def test_a_kill_at_any_call_of_the_system_loses_nothing_and_raises_no_alarm(
    operations: list[tuple[str, list[Any]]], call: int
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        directory, wanted = Path(temporary), dict[int, bytes]()
        with killed_at(call):
            for needed in run(directory, operations):
                wanted = dict(needed)
        stock = Stock(directory)
        assert wanted.items() <= held(stock).items()
        assert stock.missing == []
        again = spool(directory)
        again.write([(0, b"after")], 0.0)
        again.close()
        assert Stock(directory).missing == []


def made(directory: Path, groups: int = 6) -> list[Path]:
    """Segments of one entry each."""
    opened = spool(directory)
    for number in range(groups):
        opened.write([(0, b"%d" % number * 100)], 0.0)
    opened.close()
    return files(directory)


@pytest.mark.parametrize(("which", "missing"), [(0, (1, 1)), (2, (3, 3)), (5, (6, 6))])
@pytest.mark.parametrize("how", ["cut to nothing", "deleted"])
def test_a_segment_that_is_gone_is_missing_at_the_next_start_and_once(
    which: int, missing: tuple[int, int], how: str, tmp_path: Path
) -> None:
    damaged = made(tmp_path)[which]
    damaged.unlink() if how == "deleted" else os.truncate(damaged, 0)
    opened = spool(tmp_path)
    assert (opened.missing, opened.damaged_bytes, opened.open_entries) == ([missing], 0, 5)
    assert opened.write([(0, b"next")], 0.0) == [7]
    opened.close()
    assert Stock(tmp_path).missing == []


def test_numbers_go_on_after_an_empty_spool_and_all_segments_gone_are_missed(tmp_path: Path) -> None:
    opened = spool(tmp_path)
    opened.forget(opened.write([(0, b"a"), (0, b"b")], 0.0), 0.0)
    opened.close()
    opened = spool(tmp_path)
    assert opened.write([(0, b"c")], 0.0) == [3]
    opened.close()
    for file in files(tmp_path):
        file.unlink()
    assert Stock(tmp_path).missing == [(3, 3)]


def test_a_spool_of_a_version_without_account_is_read_and_its_gaps_are_no_loss(tmp_path: Path) -> None:
    old = [b"".join(legacy(entry.number, entry.records) for entry in group) for group in OLD]
    for number, content in enumerate(old, 3):
        (tmp_path / f"{number:012}.log").write_bytes(content)
    with (tmp_path / f"{4:012}.log").open("ab") as file:
        file.write(encode(Done([7])))
    opened = spool(tmp_path)
    assert [entry.number for entry in opened.held()] == [4, 11]
    assert (opened.missing, opened.damaged_bytes) == ([], 0)
    assert opened.write([(0, b"new" * 50), (0, b"new")], 0.0) == [12, 13]
    assert opened.write([(0, b"newer")], 0.0) == [14]
    opened.close()
    assert Stock(tmp_path).missing == []
    files(tmp_path)[2].unlink()
    assert Stock(tmp_path).missing == [(12, 13)]


OLD = [[Kept(4, 0, b"four"), Kept(7, 0, b"seven")], [Kept(11, 0, b"eleven")]]


def legacy(number: int, records: bytes) -> bytes:
    """An entry as versions wrote it that kept no account: it named nothing else."""
    body = msgspec.msgpack.encode(["kept", number, 0, records])
    return b"\xc5cx1" + len(body).to_bytes(4, "big") + crc32c(body).to_bytes(4, "big") + body


@pytest.mark.parametrize("content", [None, b"", b"x" * ACCOUNT_BYTES])
def test_an_account_that_is_gone_is_damage_and_gaps_are_found_without_it(content: bytes | None, tmp_path: Path) -> None:
    made(tmp_path)[2].unlink()
    if content is None:
        (tmp_path / "account").unlink()
    else:
        (tmp_path / "account").write_bytes(content)
    opened = spool(tmp_path)
    assert opened.damaged_bytes > 0
    assert opened.missing == [(3, 3)]
    opened.close()
    assert account.read(tmp_path) == Owed(1, 1, 6)


def test_nothing_is_removed_before_it_is_on_the_disk_that_it_is_not_owed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, calls = spool(tmp_path, segment_bytes=150), list[str]()

    def noted(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def called(*arguments: Any, **more: Any) -> Any:
            calls.append(name)
            return real(*arguments, **more)

        return called

    for name in ("fsync", "unlink", "ftruncate"):
        monkeypatch.setattr(os, name, noted(name))
    first = opened.write([(0, b"x" * 200)], 0.0)
    second = opened.write([(0, b"x")], 0.0)
    calls.clear()
    opened.forget(first, 0.0)
    opened.forget(second, 0.0)
    opened.close()
    assert calls == ["fsync", "unlink", "fsync", "ftruncate"]


def test_records_that_look_like_entries_raise_no_alarm_when_a_kill_tears_theirs(tmp_path: Path) -> None:
    opened = spool(tmp_path)
    opened.write([(0, b"first")], 0.0)
    opened.close()
    torn = encode(Kept(2, 0, encode(Kept(1 << 40, 0, b"made up")) + b"x" * 20))
    with files(tmp_path)[0].open("ab") as file:
        file.write(torn[:-1])
    stock = Stock(tmp_path)
    assert (stock.missing, stock.damaged_bytes > 0) == ([], True)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5))), st.integers(0, 20), st.integers(0, 20))
def test_gaps_are_the_numbers_that_are_in_no_range(ranges: list[tuple[int, int]], first: int, last: int) -> None:
    known = [(start, start + length) for start, length in ranges]
    wanted = set(range(first, last + 1)) - {n for start, end in known for n in range(start, end + 1)}
    found = gaps(known, first, last)
    assert {n for start, end in found for n in range(start, end + 1)} == wanted
    assert how_many(found) == len(wanted)
