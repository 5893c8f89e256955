"""What spools have lost: noted for good when a start notices it, until an operator has dealt with it.

The file is `losses.json` in the directory of the spools. Whoever has published the events again removes it.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from streams.embedded.account import sync_directory
from streams.embedded.stock import Ranges

LOSSES_FILE = "losses.json"


class Loss(msgspec.Struct, frozen=True):
    """Entries of a topic's spool that were accepted, had not landed, and are gone: the first and the last number.

    `noticed`: the day, in UTC, as YYYY-MM-DD.
    """

    topic: str
    first: int
    last: int
    noticed: str

    @property
    def entries(self) -> int:
        """How many; each holds one record or more."""
        return self.last - self.first + 1


def note(spool: Path, topic: str, missing: Ranges, day: str) -> None:
    """Adds what a start has noticed; what is noted already is not added again. It is on the disk when this returns.

    Raises:
        OSError: it cannot be written.
    """
    known = read(spool)
    places = {(loss.topic, loss.first, loss.last) for loss in known}
    new = [Loss(topic, first, last, day) for first, last in missing if (topic, first, last) not in places]
    if not new:
        return
    draft = spool / f".{LOSSES_FILE}"
    with draft.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode([*known, *new])))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(spool / LOSSES_FILE)
    sync_directory(spool)


def read(spool: Path) -> Sequence[Loss]:
    """What has been noted and not dealt with.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return msgspec.json.decode((spool / LOSSES_FILE).read_bytes(), type=list[Loss])
    except FileNotFoundError:
        return ()


def lost_in_words(losses: Sequence[Loss]) -> str:
    """What is lost, and what to do, in words.

    >>> lost_in_words([Loss("cx.touchpoints", 3, 12, "2026-11-28")])[:96]
    'entries of the spool that were accepted and are lost: 10, noticed 2026-11-28 (cx.touchpoints: 10'
    """
    by_topic: dict[str, int] = {}
    for loss in losses:
        by_topic[loss.topic] = by_topic.get(loss.topic, 0) + loss.entries
    topics = ", ".join(f"{topic}: {count:,}" for topic, count in sorted(by_topic.items()))
    days = " to ".join(sorted({min(loss.noticed for loss in losses), max(loss.noticed for loss in losses)}))
    return (
        f"entries of the spool that were accepted and are lost: {sum(by_topic.values()):,}, noticed {days} ({topics}; "
        f"each holds one event or more): publish the events of that time again, then remove spool/{LOSSES_FILE}"
    )
