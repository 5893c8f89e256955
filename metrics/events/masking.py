"""Masking: what people may see of a rejected record. What is not known to identify nobody is not shown.

Of a JSON object the fields are listed. A value is shown only if it is one of a closed set, an instant or a short number
in a field that is for it, or if it says who published the event: a source of lower-case letters and digits in words.
Every other value is replaced by its type and length: it may be a name, an e-mail address or a number of somebody's,
also where it is an event_id. Of anything else only the size is shown and what it looks like: its bytes are in the
dead-letter topic.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final

import msgspec
from msgspec import Raw

from metrics.catalogue import ALL_KINDS, FACETS, METRICS
from metrics.events.event import AMOUNT, CURRENCY, Event
from metrics.events.governance_fields import FIELDS
from metrics.events.nearest import meant_field, meant_kind
from metrics.events.shapes import LONGEST_NUMBER, shape_of, text_shape

NAMES: Final = frozenset((*Event.__struct_fields__, *(name for own in FIELDS.values() for name in own)))
FIELD_NAMES: Final = (*Event.__struct_fields__, *sorted(NAMES.difference(Event.__struct_fields__)))
MOST_FIELDS: Final = 40

_NUMBERS: Final = frozenset({"score", "count", "amount", "value"})
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII)
_DIGIT: Final = re.compile(r"\d")
_OTHER: Final = re.compile(r"[^9TZtz:./+\- ]")
_LONGEST_LAYOUT: Final = 40
_SOURCE: Final = re.compile(r"(?!.*\d{5})(?=.{1,32}$)[a-z][a-z0-9]*([-_][a-z0-9]+)*", re.ASCII)
"""No sign of an address, and no more digits in a row than a year has. Accepted events keep their source in clear."""

_tokens: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_text: Final = msgspec.json.Decoder(str).decode

_BEGINNINGS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xfe\x00\x00", "looks like UTF-32"),
    (b"\x00\x00\xfe\xff", "looks like UTF-32"),
    (b"\xff\xfe", "looks like UTF-16"),
    (b"\xfe\xff", "looks like UTF-16"),
    (b"\xef\xbb\xbf", "begins with a byte order mark"),
    (b"\x1f\x8b", "looks like gzip"),
    (b"\x28\xb5\x2f\xfd", "looks like zstd"),
    (b"\x04\x22\x4d\x18", "looks like LZ4"),
    (b"\xff\x06\x00\x00sNaPpY", "looks like Snappy"),
    (b"Obj\x01", "looks like an Avro file"),
    (b"PAR1", "looks like Parquet"),
)
_PATTERNS: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (re.compile(rb"\x00\x00\x00[^\x00]|[^\x00]\x00\x00\x00", re.DOTALL), "looks like UTF-32"),
    (re.compile(rb"\x00[^\x00]\x00[^\x00]|[^\x00]\x00[^\x00]\x00", re.DOTALL), "looks like UTF-16"),
    (re.compile(rb"\x00.{4}", re.DOTALL), "looks like Confluent's framing of Avro, Protobuf or JSON Schema"),
    (re.compile(rb"[\x80-\x8f\xde\xdf]"), "looks like MessagePack"),
    (re.compile(rb"[\xa0-\xbb\xbf]"), "looks like CBOR"),
    (re.compile(rb"\s*<"), "looks like XML"),
    (re.compile(rb"\s*\{"), "looks like JSON that is cut or broken"),
    (re.compile(rb"\s*\["), "looks like a JSON array"),
    (re.compile(rb'\s*"'), "looks like a JSON string"),
    (re.compile(rb"[^\r\n]*[,;\t]"), "looks like CSV or other text"),
)


def masked(value: bytes, touchpoints: Collection[str], size: int | None = None) -> str:
    """A record's value as people may see it; at most a few thousand characters.

    Args:
        value: The bytes of the record's value.
        touchpoints: Those of the registry: the touchpoints that are known to be none of a customer's names.
        size: Bytes that it had before it was cut, where it was.

    >>> masked(b'{"kind":"nps","score":99,"customer":"anna"}', ())
    '{"kind": "nps", "score": 99, "customer": "<text: 4 characters>"}'
    >>> masked(b"<customer>anna</customer>", ())
    '<not shown: 25 bytes, looks like XML>'
    """
    try:
        fields = _tokens(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return f"<not shown: {size or len(value)} bytes, {format_of(value)}>"
    shown = [
        f'"{shown_name(name)}": {_value(name, bytes(token), touchpoints)}'  # no name of ours and no shape has a quote
        for name, token in list(fields.items())[:MOST_FIELDS]
    ]
    if len(fields) > MOST_FIELDS:
        shown.append(f'"<{len(fields) - MOST_FIELDS} more fields>": null')
    return "{" + ", ".join(shown) + "}"


def shown_name(name: str) -> str:
    """A field's name if it is one of ours; else its length, and which of ours it stands for.

    >>> shown_name("score"), shown_name("customerId"), shown_name("custmer")
    ('score', '<a name of 10 characters, like customer>', '<a name of 7 characters, like customer>')
    """
    if name in NAMES:
        return name
    like = meant_field(name, FIELD_NAMES)
    return f"<a name of {len(name)} characters{', like ' if like else ''}{like}>"


def shown_kind(kind: str) -> str:
    """A kind that is not one: its length, and which kind may have been meant.

    >>> shown_kind("page_view"), shown_kind("applause")
    ('of 9 characters is unknown: did you mean visit?', 'of 8 characters is unknown')
    """
    like = meant_kind(kind)
    return f"of {len(kind)} characters is unknown{f': did you mean {like}?' if like else ''}"


def format_of(value: bytes) -> str:
    """What bytes that are no JSON object look like, by how they begin.

    >>> format_of("{}".encode("utf-16-le")), format_of(b"Obj" + bytes([1]))
    ('looks like UTF-16', 'looks like an Avro file')
    """
    if not value:
        return "empty"
    for begin, guess in _BEGINNINGS:
        if value.startswith(begin):
            return guess
    head = value[:200]
    return next((guess for pattern, guess in _PATTERNS if pattern.match(head)), "of no format known here")


def _value(name: str, token: bytes, touchpoints: Collection[str]) -> str:
    if token[:1] in (b"{", b"["):
        return f'"{shape_of(token)}"'
    if token[:1] != b'"':
        short = name in _NUMBERS and len(token) <= LONGEST_NUMBER
        return token.decode() if short or token[:1] in (b"t", b"f", b"n") else f'"{shape_of(token)}"'
    try:
        text = _text(token)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return f'"{text_shape(token)}"'
    if name == "occurred_at" and not _INSTANT.fullmatch(text):
        return f'"{time_layout(text)}"'
    harmless = name in _HARMLESS and _HARMLESS[name](text, touchpoints)
    return f'"{text}"' if harmless else f'"<text: {len(text)} characters>"'


def time_layout(text: str) -> str:
    """An instant in another format, each digit as 9 and each letter as ?: `22/11/2026` becomes `99/99/9999`."""
    if len(text) > _LONGEST_LAYOUT:
        return f"<text: {len(text)} characters>"
    return f"<text like {_OTHER.sub('?', _DIGIT.sub('9', text))}>"


def _is_short_amount(text: str) -> bool:
    return len(text) <= LONGEST_NUMBER and AMOUNT.fullmatch(text) is not None


_HARMLESS: Final[Mapping[str, Callable[[str, Collection[str]], bool]]] = {
    "source": lambda text, _: _SOURCE.fullmatch(text) is not None,
    "kind": lambda text, _: text in ALL_KINDS,
    "touchpoint": lambda text, touchpoints: text in touchpoints,
    "occurred_at": lambda _text, _touchpoints: True,  # an instant, looked at before
    "currency": lambda text, _: CURRENCY.fullmatch(text) is not None,
    "amount": lambda text, _: _is_short_amount(text),
    "facet": lambda text, _: text in FACETS,
    "metric": lambda text, _: text in METRICS,
}
