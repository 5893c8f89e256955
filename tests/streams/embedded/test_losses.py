from pathlib import Path

import pytest

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
