from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.embedded import losses
from streams.embedded.losses import Loss
from streams.embedded.spool import Spool


def test_what_is_noted_stays_until_somebody_removes_it_and_is_noted_once(tmp_path: Path) -> None:
    assert losses.read(tmp_path) == ()
    losses.note(tmp_path, "events", [], "2026-11-27")
    assert not (tmp_path / losses.LOSSES_FILE).exists()
    for day in ("2026-11-27", "2026-11-28"):
        losses.note(tmp_path, "events", [(3, 12)], day)
    losses.note(tmp_path, "letters", [(1, 1)], "2026-11-28")
    assert losses.read(tmp_path) == [Loss("events", 3, 12, "2026-11-27"), Loss("letters", 1, 1, "2026-11-28")]
    text = losses.lost_in_words(losses.read(tmp_path))
    assert "lost: 11, noticed 2026-11-27 to 2026-11-28 (events: 10, letters: 1;" in text
    assert "remove spool/losses.json" in text


RANGES = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)).map(lambda at: (at[0], at[0] + at[1])), max_size=4)


@given(st.lists(RANGES, max_size=4))
def test_a_number_is_noted_once_though_ranges_of_several_starts_overlap(starts: list[list[tuple[int, int]]]) -> None:
    with TemporaryDirectory() as directory:
        spool = Path(directory)
        for ranges in starts:
            apart = as_ranges({number for first, last in ranges for number in range(first, last + 1)})
            losses.note(spool, "letters", [(1, 60)], "2026-11-27")
            losses.note(spool, "events", apart, "2026-11-28")
        noted = [
            number
            for loss in losses.read(spool)
            if loss.topic == "events"
            for number in range(loss.first, loss.last + 1)
        ]
        lost = {number for ranges in starts for first, last in ranges for number in range(first, last + 1)}
        assert sorted(noted) == sorted(lost)


def as_ranges(numbers: set[int]) -> list[tuple[int, int]]:
    """Numbers as ranges with both of their ends."""
    firsts = sorted(number for number in numbers if number - 1 not in numbers)
    lasts = sorted(number for number in numbers if number + 1 not in numbers)
    return list(zip(firsts, lasts, strict=True))


def test_a_damaged_note_names_its_file_and_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / losses.LOSSES_FILE).write_bytes(b"")
    losses.note(tmp_path, "events", [], "2026-11-28")
    with pytest.raises(OSError, match=r"losses\.json is damaged, .* remove it"):
        losses.read(tmp_path)
    losses.note(tmp_path, "events", [(1, 2)], "2026-11-28")
    assert losses.read(tmp_path) == [Loss("events", 1, 2, "2026-11-28")]


def test_whether_the_end_is_there_is_not_known_without_the_account(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "events")
    spool.write([(0, b"x"), (0, b"y")], 0.0)
    spool.close()
    (tmp_path / "events" / "account").write_bytes(b"\0" * 36)
    again = Spool(tmp_path / "events")
    assert again.lost == [(3, 2)]
    losses.note(tmp_path, "events", again.lost, "2026-11-28")
    text = losses.lost_in_words(losses.read(tmp_path))
    assert "lost: 0, " in text
    assert "whether more at the end are is not known, since an account was damaged" in text
    again.close()
    assert Spool(tmp_path / "events").lost == []
