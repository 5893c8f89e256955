"""Runs: batches that stay bytes, whose records are those of aiokafka's parser."""

import struct
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka import runs
from streams.kafka.runs import AsItIs
from streams.runtime import native
from tests.kafka.raw import CODECS, Raw, batch
from tests.native import needs_native
from tests.streams.native import batches
from tests.streams.native.batches import Answer, chunks, shown

pytestmark = needs_native

RAW = st.builds(
    Raw, st.none() | st.binary(max_size=9), st.lists(st.tuples(st.text().map(str.encode), st.none() | st.binary())),
    st.none() | st.binary(max_size=9), st.integers(-1, 2**40),
)  # fmt: skip
GOOD = [Raw(b"%d" % n, [(b"h%d" % n, b"1")], stamp_ms=1_000 + n) for n in range(10)]


def is_run(records: object) -> bool:
    part: Any = native.module()
    return isinstance(records, part.Run)


def read(data: bytes, most: int | None = None) -> list[Any]:
    """The records of a batch that is not packed, by native code."""
    part: Any = native.module()
    whole, found = part.Batch(data[:61], data[61:]), []
    while (run := whole.read(most)) is not None:
        found += run
    return found


@pytest.mark.parametrize("codec", CODECS)
@given(records=st.lists(RAW, min_size=1, max_size=9), most=st.none() | st.integers(1, 9))
def test_a_run_has_the_records_of_the_fast_parser(codec: str, records: list[Raw], most: int | None) -> None:
    answered = Answer(batch(records, codec, 7), 7)
    found = chunks(answered, most, is_native=True)
    assert shown(found) == shown(chunks(answered, most, is_native=False))
    assert all(is_run(run) for run, _ in found if len(run))


@given(st.binary(max_size=60), st.integers(0, 3), st.sampled_from([0, batches.OF_LOG]))
def test_any_bytes_are_read_as_by_the_fast_parser_or_not_at_all(noise: bytes, count: int, attributes: int) -> None:
    head = struct.pack(">qiibIhiqqqhii", 5, len(noise) + 49, -1, 2, 0, attributes, 2, 9, 10, -1, -1, -1, count)
    try:
        found = read(head + noise)
    except ValueError:
        return
    assert shown([(found, 0)]) == shown([(list(MemoryRecords(head + noise).next_batch()), 0)])


@pytest.mark.parametrize("length", [0, 60, 62])
def test_what_is_no_head_of_a_batch_is_refused(length: int) -> None:
    part: Any = native.module()
    with pytest.raises(ValueError, match="head"):
        part.Batch(bytes(length), b"")


@pytest.mark.parametrize("most", [None, 1, 4, 10])
def test_a_fetch_that_begins_within_a_batch_skips_what_lies_before(most: int | None) -> None:
    answered = Answer(batch(GOOD, "lz4", 20) + batch([Raw(b"v")] * 10, "none", 30), 23)
    handed_out = chunks(answered, most, is_native=True)
    assert [record.offset for run, _ in handed_out for record in run] == list(range(23, 40))
    assert shown(handed_out) == shown(chunks(answered, most, is_native=False))
    assert all(len(run) <= (most or 17) for run, _ in handed_out)
    first: Any = handed_out[0][0]
    assert "h2" not in first.header_names
    assert "h3" in first.header_names
    assert first.size == len(first)


def test_a_run_is_a_sequence_that_knows_its_end() -> None:
    [(run, position)] = chunks(Answer(batch(GOOD, first_offset=3), 3), None, is_native=True)
    assert (len(run), run[0].offset, run[-1].offset, run[9].offset, position) == (10, 3, 12, 12, 13)
    for outside in (10, -11):
        with pytest.raises(IndexError):
            run[outside]


@pytest.mark.parametrize("codec", CODECS)
def test_records_of_a_large_batch_come_one_by_one(codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = batch(GOOD, "none", 0) + batch([Raw(bytes(2_000))], codec, 10)
    monkeypatch.setattr(runs, "MOST_BYTES", 1_000)
    for most in (None, 10, 3):
        handed_out = chunks(Answer(data, 0), most, is_native=True)
        assert shown(handed_out) == shown(chunks(Answer(data, 0), most, is_native=False))
        assert is_run(handed_out[0][0]) == (most is not None)


def test_consumers_of_others_get_the_records_of_aiokafka() -> None:
    def values(marker: Any) -> Sequence[Any]:
        [(records, _)] = batches.handed_out(Answer(batch(GOOD), 0), None, marker)
        return [record.serialized_value_size for record in records]

    assert values(None) == [1] * 10
    with pytest.raises(AttributeError):
        values(AsItIs(native.module()))
