import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.embedded.record_batches import Corrupt, Invalid, TooLarge, measure, without_producer
from streams.kafka import tolerant
from streams.kafka.tolerant import records_of
from tests.streams.embedded.batches import BROKEN, FIRST, SECOND, batch, record, sealed

WHOLE = batch(b"first", b"second")
CHECKED_FROM = 16  # before: the base offset and the leader's epoch, which the broker writes; the length is seen


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Batches are unpacked as a worker does it."""
    tolerant.install()


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_records_of_all_batches_are_counted(sizes: list[int]) -> None:
    assert measure(b"".join(batch(*[b"x"] * size) for size in sizes)) == sum(sizes)


@pytest.mark.parametrize("compression", [1, 2, 3, 4])
def test_records_of_compressed_batches_are_counted(compression: int) -> None:
    assert measure(batch(*[b"x" * 100] * 50, compression=compression)) == 50


@given(st.integers(0, len(WHOLE) - 1))
def test_a_batch_that_is_cut_off_is_corrupt(cut: int) -> None:
    with pytest.raises(Corrupt):
        measure(WHOLE[:cut])


@given(st.integers(CHECKED_FROM, len(WHOLE) - 1), st.integers(1, 255))
def test_a_batch_with_a_changed_byte_is_corrupt(at: int, change: int) -> None:
    broken = bytearray(WHOLE)
    broken[at] ^= change
    with pytest.raises(Corrupt):
        measure(bytes(broken))


@given(st.binary(max_size=200))
def test_anything_else_is_corrupt(data: bytes) -> None:
    with pytest.raises(Corrupt):
        measure(data)


@pytest.mark.parametrize("name", BROKEN)
def test_a_batch_with_a_right_checksum_that_no_reader_gets_past_is_invalid(name: str) -> None:
    with pytest.raises(Invalid):
        measure(BROKEN[name])
    with pytest.raises(Invalid):
        measure(batch(b"whole") + BROKEN[name])


@pytest.mark.parametrize(
    "payload",
    [
        record(b"\x80\0\0\x01\x0avalue\0"),  # attributes of a record: any byte
        record(b"\0" + b"\xff" * 9 + b"\x01\0\x01\x01\0"),  # the lowest timestamp; neither key nor value
        record(b"\0\0\0\x01\x01\x04\x02\xff\x01\x04nn\x02v"),  # names of headers are any bytes, values may be null
        record(b"\0\0\0\0\0\0"),  # empty ones
    ],
    ids=["attributes", "timestamp", "headers", "empty"],
)
def test_whatever_kafka_takes_is_counted(payload: bytes) -> None:
    assert measure(sealed(payload)) == len(records_of(sealed(payload))) == 1


@given(st.integers(0, 4), st.binary(max_size=60))
@example(2, b"\x80\x80\x80!")
def test_garbage_for_every_compression_is_refused_or_can_be_read(compression: int, payload: bytes) -> None:
    _hold_to_the_reader(sealed(payload, 1, compression))


@given(st.integers(0, 4), st.data())
def test_a_changed_byte_under_a_right_checksum_is_refused_or_can_be_read(compression: int, data: st.DataObject) -> None:
    payload = bytearray(batch(b"first", b"second" * 5, compression=compression)[61:])
    payload[data.draw(st.integers(0, len(payload) - 1))] ^= data.draw(st.integers(1, 255))
    _hold_to_the_reader(sealed(bytes(payload), 2, compression))


def _hold_to_the_reader(data: bytes) -> None:
    """What is taken, the worker's reader can read."""
    try:
        count = measure(data)
    except (Invalid, TooLarge):  # a few bytes can say that they stand for gigabytes
        return
    assert [record.offset for record in records_of(data)] == list(range(count))


def test_records_with_their_offsets_in_order_are_counted() -> None:
    assert measure(sealed(FIRST + SECOND, 2)) == 2


@given(st.lists(st.tuples(st.integers(0, 2**62), st.integers(0, 2**31 - 1), st.integers(0, 4)), min_size=1, max_size=4))
def test_without_their_producers_ids_batches_are_those_of_a_producer_that_has_none(
    sizes: list[tuple[int, int, int]],
) -> None:
    values = (b"first" * 50, b"second")
    sent = b"".join(batch(*values, compression=codec, producer=who, first=at) for who, at, codec in sizes)
    plain = b"".join(batch(*values, compression=codec) for _, _, codec in sizes)
    assert without_producer(sent) == plain
    assert measure(plain) == 2 * len(sizes)


def test_batches_without_a_producers_id_are_not_copied() -> None:
    assert without_producer(WHOLE) is WHOLE


def test_a_transaction_keeps_its_producers_id() -> None:
    sent = batch(b"value", producer=7, first=0, transactional=1)
    assert without_producer(sent) is sent


@given(st.integers(1, len(WHOLE) - 1))
def test_of_a_batch_that_is_cut_off_no_producers_id_is_taken(cut: int) -> None:
    with pytest.raises(Corrupt):
        without_producer(batch(b"first", b"second", producer=7, first=0)[:cut])
