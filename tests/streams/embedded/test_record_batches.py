import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.embedded.record_batches import Corrupt, measure
from tests.streams.embedded.batches import batch

WHOLE = batch(b"first", b"second")
CHECKED_FROM = 16  # before: the base offset and the leader's epoch, which the broker writes; the length is seen


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_records_of_all_batches_are_counted(sizes: list[int]) -> None:
    assert measure(b"".join(batch(*[b"x"] * size) for size in sizes)) == sum(sizes)


@pytest.mark.parametrize("compression", [1, 2, 3, 4])
def test_compressed_batches_are_counted_without_unpacking_them(compression: int) -> None:
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
