"""Batches that the fast parser cannot read, without a broker: what is read, skipped and reported."""

import struct
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import TopicPartition
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from metrics.events.rejection import Reason, Rejected
from streams.kafka.dead_letters import DeadLetter
from streams.kafka.packed import PackedBatch
from streams.kafka.runs import AsItIs
from streams.kafka.tolerant import TolerantBatches, UnreadableBatch, records_of
from streams.runtime import native
from streams.runtime.unpacking import MOST_UNPACKED_BYTES
from tests.kafka.raw import CODECS, Raw, batch
from tests.streams.native import batches

T = TopicPartition("t", 0)
BROKEN = Raw(b"b", [(b"\xff", b"1"), (b"caff\xc3\xa8", None)], b"k", 5)
GOOD = [Raw(b"%d" % n, stamp_ms=1000 + n) for n in range(3)]
RAW = st.builds(
    Raw, st.none() | st.binary(max_size=9), st.lists(st.tuples(st.text().map(str.encode), st.none() | st.binary())),
    st.none() | st.binary(max_size=9), st.integers(0, 2**40),
)  # fmt: skip


MARKERS = [AsItIs(), *([AsItIs(native.module())] if native.module() else [])]


@pytest.fixture(autouse=True, params=MARKERS, ids=["python", "native"][: len(MARKERS)])
def _marker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything holds as well of batches that stay whole until native code reads them."""
    monkeypatch.setattr(sys.modules[__name__], "MARKER", request.param)


MARKER = AsItIs()


def fetched(data: bytes, start: int, aborted: Sequence[tuple[int, int]] = ()) -> fetcher.FetchResult:
    """What the fetcher makes of an answer that was asked for from `start` on."""
    return batches.fetched(batches.Answer(data, start, aborted), MARKER)


def offsets(result: fetcher.FetchResult, at_most: int | None = None) -> list[int]:
    return [record.offset for record in result.getall(at_most)]


def position(result: fetcher.FetchResult) -> int:
    return int(result._assignment.state_value(T).position)


@pytest.mark.parametrize("codec", CODECS)
@given(records=st.lists(RAW, min_size=1, max_size=5))
def test_it_reads_what_the_fast_parser_reads(codec: str, records: list[Raw]) -> None:
    data = batch(records, codec, 7)
    names = ("offset", "timestamp", "timestamp_type", "key", "value", "headers", "checksum")

    def columns(parsed: Any) -> list[Any]:
        return [tuple(getattr(record, name) for name in names) for record in parsed]

    assert columns(records_of(data)) == columns(MemoryRecords(data).next_batch())


@pytest.mark.parametrize("codec", CODECS)
def test_a_name_that_is_not_utf8_is_escaped(codec: str) -> None:
    (record,) = records_of(batch([BROKEN], codec))
    assert record.headers == [("\\xff", b"1"), ("caffè", None)]
    with pytest.raises(UnicodeDecodeError):
        list(MemoryRecords(batch([BROKEN], codec)).next_batch())


@pytest.mark.parametrize("at_most", [None, 1, 2, 100])
async def test_nothing_of_a_fetch_is_skipped_or_handed_out_twice(at_most: int | None) -> None:
    data = batch(GOOD, first_offset=10) + batch([GOOD[0], BROKEN, GOOD[1]], first_offset=13) + batch(GOOD, "lz4", 16)
    result, numbers = fetched(data, 11), []
    while result.has_more():
        numbers += offsets(result, at_most)
    assert numbers == list(range(11, 19))
    assert position(result) == 19


async def test_a_transaction_that_was_aborted_stays_unread_and_the_next_one_of_its_producer_is_read() -> None:
    def transactional(data: bytes, control: bool = False) -> bytes:
        changed = bytearray(data)
        struct.pack_into(">h", changed, 21, 0x30 if control else 0x10)
        struct.pack_into(">q", changed, 43, 77)
        struct.pack_into(">I", changed, 17, calc_crc32c(bytes(changed[21:])))
        return bytes(changed)

    abort, commit = (Raw(b"\0\0\0\0\0\0", key=struct.pack(">hh", 0, kind)) for kind in (0, 1))
    data = b"".join(
        [
            transactional(batch([GOOD[0]], first_offset=0)), transactional(batch([abort], first_offset=1), True),
            transactional(batch([GOOD[1]], first_offset=2)), transactional(batch([commit], first_offset=3), True),
            batch([BROKEN], first_offset=4),
        ]
    )  # fmt: skip
    assert offsets(fetched(data, 0, [(77, 0)])) == [2, 4]
    assert offsets(fetched(data, 2, [(77, 0)])) == [2, 4]


@pytest.mark.parametrize("at_most", [None, 1])
@pytest.mark.parametrize("others", [[], GOOD])
async def test_attributes_that_the_fast_parser_takes_for_an_offset_move_nothing(
    others: list[Raw], at_most: int | None
) -> None:
    """The fast parser reads attributes above 0x7f as a longer number, and the key's length as the offset."""
    odd = Raw(b"v", key=b"k" * 30, attributes=0x80)
    result, numbers = fetched(batch([odd, *others], first_offset=5), 5), []
    while result.has_more():
        numbers += offsets(result, at_most)
    assert numbers == list(range(5, 6 + len(others)))
    assert position(result) == 6 + len(others)


@pytest.mark.parametrize("at_most", [None, 1, 2])
@pytest.mark.parametrize("deltas", [(300,), (-5,), (0, 0, 0), (2, 1, 0), (0, 2, 1), (1, 2, 3), (2**31 - 1, 0)], ids=str)
async def test_a_record_has_its_place_in_its_batch_whatever_offset_it_names(
    deltas: tuple[int, ...], at_most: int | None
) -> None:
    named = [Raw(b"%d" % place, offset_delta=delta) for place, delta in enumerate(deltas)]
    data = batch(GOOD, first_offset=10) + batch(named, first_offset=13) + batch(GOOD, "lz4", 13 + len(deltas))
    result, found = fetched(data, 10), []
    while result.has_more():
        found += [(record.offset, record.value) for record in result.getall(at_most)]
    values = [b"0", b"1", b"2", *(b"%d" % place for place in range(len(deltas))), b"0", b"1", b"2"]
    assert found == list(enumerate(values, start=10))
    assert position(result) == 16 + len(deltas)


@pytest.mark.parametrize("headers", [[], [(b"\xff", b"")]], ids=["read by the fast parser", "read by the tolerant one"])
@pytest.mark.parametrize("at_most", [None, 1])
async def test_offsets_that_compaction_has_left_stay(at_most: int | None, headers: list[tuple[bytes, bytes]]) -> None:
    left = [Raw(b"v", headers, offset_delta=delta) for delta in (1, 4, 5, 8)]
    result, numbers = fetched(batch(left, first_offset=10, places=10), 12), []
    while result.has_more():
        numbers += offsets(result, at_most)
    assert numbers == [14, 15, 18]
    assert position(result) == 20


async def test_more_records_than_places_are_reported() -> None:
    """No broker takes that from a client."""
    with pytest.raises(UnreadableBatch, match="3 records in 2 places"):
        fetched(batch(GOOD, first_offset=5, places=2), 5).getall()


async def test_a_broken_batch_is_reported_with_its_place_when_all_before_it_has_been_handed_out() -> None:
    broken = bytearray(batch(GOOD, first_offset=13))
    broken[-1] ^= 1
    data = batch(GOOD, first_offset=10) + bytes(broken) + batch(GOOD, first_offset=16)
    result = fetched(data, 10)
    assert offsets(result) == [10, 11, 12]
    assert position(result) == 13
    with pytest.raises(UnreadableBatch, match=r"topic t, partition 0: .* from offset 13 on .*checksum is wrong"):
        fetched(data[len(batch(GOOD)) :], 13).getall()


@given(st.binary(max_size=200), st.integers(1, 3), st.integers(0, 4))
def test_any_bytes_are_read_or_reported(noise: bytes, count: int, codec: int) -> None:
    checked = struct.pack(">hiqqqhii", codec, count - 1, 0, 0, -1, -1, -1, count) + noise
    data = struct.pack(">qiibI", 0, len(checked) + 9, -1, 2, calc_crc32c(checked)) + checked
    batches = TolerantBatches(T, data, 0)
    try:
        batches.has_next()
    except UnreadableBatch as error:
        assert "topic t, partition 0" in str(error)  # noqa: PT017


@pytest.mark.parametrize("codec", [codec for codec in CODECS if codec != "none"])
@pytest.mark.parametrize("at_most", [None, 1])
async def test_a_batch_that_unpacks_to_too_much_is_one_rejected_record_and_its_neighbours_are_read(
    codec: str, at_most: int | None
) -> None:
    bomb = batch([Raw(bytes(MOST_UNPACKED_BYTES), stamp_ms=5), Raw(b"v", stamp_ms=9)], codec, 13)
    data = batch(GOOD, first_offset=10) + bomb + batch(GOOD, codec, 15)
    result, found = fetched(data, 10), []
    while result.has_more():
        found += result.getall(at_most)
    assert [record.offset for record in found] == [10, 11, 12, 14, 15, 16, 17]
    assert position(result) == 18
    assert (found[3].value, found[3].timestamp) == (bomb, 9)
    letter = DeadLetter.of(TP("t", 0), PackedBatch.of(14, bomb), Rejected(Reason.NOT_JSON, "so it seems"))
    assert letter.rejected.reason is Reason.TOO_LARGE
    assert "2 records at offsets 13 to 14" in letter.rejected.detail
