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

    The last is before the first where it is not known whether there were any.

    `noticed`: the day, in UTC, as YYYY-MM-DD.
    """

    topic: str
    first: int
    last: int
    noticed: str

    @property
    def entries(self) -> int:
        """How many; each holds one record or more. 0 where that is not known."""
        return self.last - self.first + 1


def note(spool: Path, topic: str, missing: Ranges, day: str) -> None:
    """Adds what a start has noticed, less the numbers that are noted already. It is on the disk when this returns.

    Raises:
        OSError: it cannot be written.
    """
    if not missing:
        return
    known = _known(spool)
    noted = [(loss.first, loss.last) for loss in known if loss.topic == topic]
    new = [Loss(topic, first, last, day) for first, last in _less(missing, noted)]
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
    path = spool / LOSSES_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Loss])
    except FileNotFoundError:
        return ()
    except msgspec.DecodeError as error:
        raise OSError(f"{path} is damaged, which says what a start found lost: see the logs, then remove it") from error


def _less(ranges: Ranges, noted: Ranges) -> Ranges:
    # A range without numbers says that more may be missing: only its equal says the same.
    left = [place for place in ranges if place not in noted]
    for first, last in noted:
        cut = [((begin, min(end, first - 1)), (max(begin, last + 1), end)) for begin, end in left if begin <= end]
        parts = [(begin, end) for pair in cut for begin, end in pair if begin <= end]
        left = parts + [(begin, end) for begin, end in left if begin > end] if first <= last else left
    return left


def _known(spool: Path) -> Sequence[Loss]:
    try:
        return read(spool)
    except OSError:
        # What it held is in the logs; what is noted now must not wait for somebody to remove it.
        (spool / LOSSES_FILE).replace(spool / f"{LOSSES_FILE}.damaged")
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
    is_all = all(loss.entries for loss in losses)
    more = "" if is_all else "; whether more at the end are is not known, since an account was damaged"
    return (
        f"entries of the spool that were accepted and are lost: {sum(by_topic.values()):,}, noticed {days} ({topics}; "
        f"each holds one event or more{more}): publish the events of that time again, then remove spool/{LOSSES_FILE}"
    )
