from hypothesis import given
from hypothesis import strategies as st

from streams.embedded.spool_format import Damaged, Done, Kept, encode, scan

NUMBERS = st.integers(0, 1 << 40)
# Records may be an entry themselves: a publisher chooses them.
RECORDS = st.binary(max_size=40) | st.builds(lambda number: encode(Done([number])), NUMBERS)
ENTRIES = st.builds(Kept, NUMBERS, st.integers(0, 9), RECORDS) | st.builds(Done, st.lists(NUMBERS, max_size=3))


@given(st.lists(ENTRIES, max_size=8))
def test_what_was_written_is_read(entries: list[Kept | Done]) -> None:
    assert list(scan(b"".join(map(encode, entries)))) == entries


@given(st.lists(ENTRIES, min_size=1, max_size=4))
def test_a_file_cut_at_any_byte_gives_its_whole_entries_and_counts_the_rest(entries: list[Kept | Done]) -> None:
    encoded = list(map(encode, entries))
    whole = b"".join(encoded)
    ends = [sum(map(len, encoded[: count + 1])) for count in range(len(encoded))]
    for cut in range(len(whole)):
        found = list(scan(whole[:cut]))
        complete = sum(end <= cut for end in ends)
        assert found[:complete] == entries[:complete]
        torn = cut - (ends[complete - 1] if complete else 0)
        # The records of a torn entry may hold whole ones: they are read, since nobody can tell.
        rest = found[complete:]
        assert sum(e.size if isinstance(e, Damaged) else len(encode(e)) for e in rest) == torn
        assert bool(rest) == bool(torn)


@given(st.lists(ENTRIES, min_size=1, max_size=4), st.data())
def test_a_changed_byte_costs_the_entry_that_it_is_in_and_no_other(
    entries: list[Kept | Done], data: st.DataObject
) -> None:
    encoded = list(map(encode, entries))
    hit = data.draw(st.integers(0, len(encoded) - 1))
    at = data.draw(st.integers(0, len(encoded[hit]) - 1))
    broken = bytearray(encoded[hit])
    broken[at] ^= data.draw(st.integers(1, 255))
    found = list(scan(b"".join([*encoded[:hit], bytes(broken), *encoded[hit + 1 :]])))
    assert found[:hit] == entries[:hit]
    assert found[len(found) - len(entries[hit + 1 :]) :] == entries[hit + 1 :]
    assert any(isinstance(entry, Damaged) for entry in found)


def test_zeros_at_the_end_as_a_power_cut_leaves_them_are_no_entry() -> None:
    assert list(scan(encode(Done([1])) + bytes(100))) == [Done([1]), Damaged(100)]
