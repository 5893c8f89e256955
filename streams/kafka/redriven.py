"""The mark of a record that was sent through again: which row of `rejected` it resolves."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from metrics.sources.routing import REDRIVEN
from streams.kafka.dead_letters import fingerprint

LONGEST: Final = 512
"""Bytes of a mark: the name of a topic has at most 249."""

_TOPIC: Final = re.compile(r"[a-zA-Z0-9._-]{1,249}")


class Origin(msgspec.Struct):
    """Which rejection a record sent through again had: the key of its row in `rejected`."""

    topic: str
    partition: int
    offset: int
    fingerprint: int


_decode: Final = msgspec.json.Decoder(Origin).decode


def redriven_row(record: Any) -> Mapping[str, Any] | None:
    """The row of `rejected` that a record says it resolves; None for a record without a mark of ours.

    A mark is ours if it is to the byte what `cxb redrive` writes, and names the bytes that it came with. Whether there
    is such a row, the store knows. Never raises: anybody may send a header of that name, with anything in it.
    """
    for name, value in record.headers or ():
        if name == REDRIVEN and value is not None and len(value) <= LONGEST:
            origin = _origin(value)
            if origin is not None and origin.fingerprint == fingerprint(record.value or b""):
                return {**msgspec.structs.asdict(origin), "resolved_at": datetime.now(UTC)}
    return None


def _origin(mark: bytes) -> Origin | None:
    try:
        origin = _decode(mark)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    fits = _TOPIC.fullmatch(origin.topic) and 0 <= origin.partition < 2**31 and 0 <= origin.offset < 2**63
    return origin if fits and msgspec.json.encode(origin) == mark else None
