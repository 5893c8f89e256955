"""JSON values by type and size: what may be said of a value that must not be quoted, because it may be a customer."""

from typing import Final

import msgspec

LONGEST_NUMBER: Final = 7
"""Characters of a number that may be quoted: enough for a score or an amount, too few for most ids."""

_TYPES: Final = {'"': "a string", "{": "an object", "[": "an array", "t": "true", "f": "false", "n": "null"}
_text: Final = msgspec.json.Decoder(str).decode


def type_of(token: str) -> str:
    """What a JSON token is, in words; a number is quoted if it is short.

    >>> type_of('"anna"'), type_of("9.5"), type_of("393331234567")
    ('a string', 'the number 9.5', 'a number of 12 characters')
    """
    if token[0] in _TYPES:
        return _TYPES[token[0]]
    return f"the number {token}" if len(token) <= LONGEST_NUMBER else f"a number of {len(token)} characters"


def shape_of(token: bytes) -> str:
    """A JSON token without its content: true, false and null as they are, else the type and how long it is.

    >>> shape_of(b'"anna"'), shape_of(b"4711"), shape_of(b"null")
    ('<text: 4 characters>', '<number: 4 characters>', 'null')
    """
    begin = token[:1]
    if begin in (b"t", b"f", b"n"):
        return token.decode()
    if begin == b'"':
        return text_shape(token)
    kind = {b"{": "object", b"[": "array"}.get(begin)
    return f"<{kind}: {len(token)} bytes>" if kind else f"<number: {len(token)} characters>"


def text_shape(token: bytes) -> str:
    """The shape of a JSON string."""
    try:
        return f"<text: {len(_text(token))} characters>"
    except (msgspec.DecodeError, UnicodeDecodeError):
        return f"<text: {len(token) - 2} bytes>"
