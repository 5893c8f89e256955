"""Which customers a record names, however it names them: what is asked of rejected records when a person is erased.

An object's fields are looked into, those that occur twice included, and whatever they hold: a text or number in a field
with "customer" in its name, or in anything below it, names that customer. Not elsewhere: somebody else's event may have
the same text as its id. Of what is no JSON object the first 64 KiB are read as text, whose words may name somebody.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from metrics.ids import LONGEST_ID

_ENCODINGS: Final = (("utf-8", 1), ("utf-16-le", 2), ("utf-16-be", 2), ("utf-32-le", 4), ("utf-32-be", 4))
"""With how many bytes a character has at least: in a framing, a text may begin at each of them."""

_SEARCHED_BYTES: Final = 64 * 1024
"""Of what is no JSON object: as much as a record may have. To look at each word of a megabyte takes half a minute."""

_WORDS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r'(?<=")[^"\\]+(?=")',
        r"[^,;|<>\"\t\r\n]+",
        r"[^\s\"',;|<>{}\[\]()]+",
        r"[^\s\"',;|<>{}\[\]():=&/?]+",
        r"\w+",
    )
)
_FRAMED: Final = re.compile(r"[\w.@+-]+")
"""In a binary format, with the length before it and that of the next, either of which may look like a letter."""


class _Fields(list[tuple[str, Any]]):
    """The fields of an object, those that occur twice included."""


def names_customer(key: bytes | None, value: bytes | None, customer: str) -> bool:
    """Whether a record names a customer, by its key or in its value.

    Of bytes that are no JSON object it finds parts of words as well, which `customers_named` cannot: that does not know
    whom it looks for.

    >>> names_customer(None, b'{"customers": ["bob", "ann"]}', "ann"), names_customer(None, b'{"note": "ann"}', "ann")
    (True, False)
    """
    if key == customer.encode():
        return True
    named = _in_object(value or b"")
    if named is not None:
        return customer in named
    return any(customer.encode(encoding) in (value or b"") for encoding, _ in _ENCODINGS)


def customers_named(key: bytes | None, value: bytes | None) -> set[str]:
    """The texts of a record that would name a customer, if one has such an id.

    >>> sorted(customers_named(b"k-1", b'{"event_id": "e-1", "customer": {"id": 4711}}'))
    ['4711', 'k-1']
    >>> "ann@x.it" in customers_named(None, b"7;ann@x.it;nps")
    True
    """
    in_object = _in_object(value or b"")
    named = set(_words(value or b"")) if in_object is None else in_object
    if key:
        named.add(key.decode("utf-8", "replace"))
    # A half of a surrogate pair, which JSON may escape, is the text of nobody's id: it has no bytes.
    return {text for text in named if text and text == text.encode("utf-8", "ignore").decode()}


def _in_object(value: bytes) -> set[str] | None:
    try:
        content = json.loads(value, object_pairs_hook=_Fields)
        return set(_below(content, of_customer=False)) if isinstance(content, _Fields) else None
    except (ValueError, RecursionError):
        return None  # not to be read, or nested too deeply


def _below(content: object, *, of_customer: bool) -> Iterator[str]:
    if isinstance(content, _Fields):
        for name, inner in content:
            yield from _below(inner, of_customer=of_customer or "customer" in name.lower())
    elif isinstance(content, list):
        for inner in content:
            yield from _below(inner, of_customer=of_customer)
    elif of_customer:
        yield str(content)


def _words(value: bytes) -> Iterator[str]:
    for text in _texts(value):
        for pattern in _WORDS:
            yield from (word.strip(" '\0") for word in pattern.findall(text) if len(word) <= 2 * LONGEST_ID)
        for word in _FRAMED.findall(text):
            yield from (word, word[1:], word[:-1], word[1:-1])


def _texts(value: bytes) -> Iterator[str]:
    searched = value[:_SEARCHED_BYTES]
    yield searched.decode("utf-8", "replace")
    if b"\0" in searched:  # as each text has in the others, unless it has not even a space or a comma
        for encoding, width in _ENCODINGS[1:]:
            for start in range(width):
                yield searched[start:].decode(encoding, "replace")
