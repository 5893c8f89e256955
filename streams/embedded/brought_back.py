"""What a start of the embedded broker has brought back from its spool, for whoever started it."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

_NAME = "brought-back.json"


class BroughtBack(msgspec.Struct):
    """Records by kind, entries that the broker did not take, and bytes of the spool that are no entry."""

    events: int = 0
    dead_letters: int = 0
    refused_entries: int = 0
    damaged_bytes: int = 0

    def __str__(self) -> str:
        return "; ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.events:
            yield f"brought back {self.events:,} events that were accepted before and had not landed"
        if self.dead_letters:
            yield f"brought back {self.dead_letters:,} dead letters"
        if self.refused_entries:
            yield f"{self.refused_entries:,} entries of the spool could not be brought back: see the broker's log"
        if self.damaged_bytes:
            yield f"{self.damaged_bytes:,} bytes of the spool are damaged or half-written: left out"


def write(spool: Path, result: BroughtBack) -> None:
    """Leaves it for whoever started the process."""
    draft = spool / f".{_NAME}.{os.getpid()}"
    draft.write_bytes(msgspec.json.encode(result))
    draft.replace(spool / _NAME)


def read(spool: Path) -> BroughtBack:
    """What the last start has left; nothing, if there was none."""
    try:
        return msgspec.json.decode((spool / _NAME).read_bytes(), type=BroughtBack)
    except FileNotFoundError:
        return BroughtBack()
