"""What a start of the embedded broker has brought back from its spool, for whoever started it."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

_NAME = "brought-back.json"


class BroughtBack(msgspec.Struct):
    """Records by kind, entries that the broker did not take or that are gone, and bytes of the spool that are none."""

    events: int = 0
    dead_letters: int = 0
    refused_entries: int = 0
    damaged_bytes: int = 0
    missing_entries: int = 0

    def __str__(self) -> str:
        return "; ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.events:
            yield f"events brought back that were accepted before and had not landed: {self.events:,}"
        if self.dead_letters:
            yield f"dead letters brought back: {self.dead_letters:,}"
        if self.refused_entries:
            yield f"entries of the spool that could not be brought back: {self.refused_entries:,}; see the broker's log"
        if self.damaged_bytes:
            yield f"bytes of the spool that are damaged or half-written, and left out: {self.damaged_bytes:,}"
        if self.missing_entries:
            yield f"entries of the spool that were accepted and are lost: {self.missing_entries:,}; see cxb doctor"


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
