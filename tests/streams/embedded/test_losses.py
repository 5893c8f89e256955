from pathlib import Path

from streams.embedded import losses
from streams.embedded.losses import Loss


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
