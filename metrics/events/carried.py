"""What the body of a request carries: one event, an array, lines, or CloudEvents, cut into events for the decoder.

Cutting reads no more than the outermost structure: each event stays the bytes that were sent, and is judged by
`metrics.events.decoding`, as a record of the topic is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec
from msgspec import Raw

from metrics.events.cloud_events import CLOUD_EVENT, CLOUD_EVENTS, data_of, fault_of_envelope
from metrics.events.rejection import Rejected

JSON_TYPES: Final = frozenset({"application/json"})
LINES_TYPES: Final = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
MEDIA_TYPES: Final = (*sorted(JSON_TYPES), *sorted(LINES_TYPES), CLOUD_EVENT, CLOUD_EVENTS)
"""What a body may be. A page of another site can send none of them without asking first."""

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_BLANK: Final = b" \t\r\n"
_raws = msgspec.json.Decoder(list[Raw]).decode
_raw = msgspec.json.Decoder(Raw).decode

Carried = bytes | Rejected
"""An event as it was sent; or, where a CloudEvent carries none, why not."""


@dataclass(frozen=True, slots=True)
class Uncut:
    """A body that cannot be cut into events.

    Attributes:
        why: Its type is not known, it is not what its type says, or it carries too many.
        detail: What is wrong, and what to send.
    """

    why: Literal["type", "malformed", "many"]
    detail: str


def cut_body(body: bytes, media_type: str, envelope: Mapping[str, str], most: int) -> Sequence[Carried] | Uncut:
    """The events in a body, at least one and at most so many.

    Args:
        body: All of it, unpacked.
        media_type: Its type, in small letters and without parameters.
        envelope: The attributes of a CloudEvent in binary mode, from its headers; empty for anything else.
        most: How many events it may carry.
    """
    body = body.removeprefix(BYTE_ORDER_MARK).strip(_BLANK)
    if envelope:
        events: Sequence[Carried] | Uncut = _enveloped(body, media_type, envelope)
    elif media_type == CLOUD_EVENT:
        events = [data_of(body)]
    elif media_type == CLOUD_EVENTS:
        events = _each_of(body, most)
    elif media_type in LINES_TYPES:
        events = _lines(body)
    elif media_type in JSON_TYPES:
        events = _by_shape(body)
    else:
        events = Uncut("type", f"send one of {', '.join(MEDIA_TYPES)} as Content-Type")
    if isinstance(events, Uncut):
        return events
    if len(events) > most:
        return Uncut("many", f"{len(events):,} events: send at most {most:,} in one request")
    return (
        events if any(events) else Uncut("malformed", "no event: send one JSON object, an array, or one on each line")
    )


def _enveloped(body: bytes, media_type: str, envelope: Mapping[str, str]) -> Sequence[Carried] | Uncut:
    if media_type not in JSON_TYPES:
        return Uncut("type", "a CloudEvent whose attributes are headers has an event of ours as body: application/json")
    fault = fault_of_envelope(envelope)
    return [body if fault is None else fault]


def _each_of(body: bytes, most: int) -> Sequence[Carried] | Uncut:
    cut = _array(body)
    return cut if isinstance(cut, Uncut) or len(cut) > most else [data_of(part) for part in cut]


def _by_shape(body: bytes) -> Sequence[bytes] | Uncut:
    if body.startswith(b"["):
        return _array(body)
    first, _, rest = body.partition(b"\n")
    # One object may fill many lines. Of several objects the first ends with its line, or what follows is no JSON.
    return _lines(body) if rest and not _is_whole(body) and _is_whole(first) else [body]


def _array(body: bytes) -> list[bytes] | Uncut:
    try:
        return [bytes(part) for part in _raws(body)]
    except RecursionError:
        return Uncut("malformed", "nested too deeply to be read: events are flat objects")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Uncut("malformed", f"no JSON array: {error}")


def _lines(body: bytes) -> list[bytes]:
    return [line.strip(_BLANK) for line in body.split(b"\n") if not line.isspace() and line]


def _is_whole(text: bytes) -> bool:
    try:
        _raw(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
