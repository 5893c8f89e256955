"""Which customers a record names, however it names them: what is asked of rejected records when a person is erased.

An object's fields are looked into, those that occur twice included, and whatever they hold: a text or number in a field
with "customer" in its name, or in anything below it, names that customer. Not elsewhere: somebody else's event may have
the same text as its id. Of what is no JSON object the first 64 KiB are read as text, whose words may name somebody.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from metrics.ids import LONGEST_ID

_ENCODINGS: Final = (("utf-8", 1), ("utf-16-le", 2), ("utf-16-be", 2), ("utf-32-le", 4), ("utf-32-be", 4))
"""With how many bytes a character has at least: in a framing, a text may begin at each of them."""

_SEARCHED_BYTES: Final = 64 * 1024
"""Of what is no JSON object: as much as a record may have. To look at each word of a megabyte takes half a minute."""

_MOST_WORDS: Final = 2000
"""Of what is no JSON object. Each is hashed under each key, and a record of random bytes has 85,000 of them: a batch of
such records would take longer than a worker may."""

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
_ESCAPED: Final = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/]))')
_FRAMED: Final = re.compile(r"[\w.@+-]+")
"""In a binary format, with the length before it and that of the next, either of which may look like a letter."""


class _Fields(list[tuple[str, Any]]):
    """The fields of an object, those that occur twice included."""


def names_customer(key: bytes | None, value: bytes | None, customer: str, *, is_foreign: bool = False) -> bool:
    """Whether a record names a customer, by its key or in its value.

    In a record of a source any field may name one, whatever it is called. Of bytes that are no JSON object it finds
    parts of words as well, which `customers_named` cannot: that does not know whom it looks for.

    >>> names_customer(None, b'{"customers": ["bob", "ann"]}', "ann"), names_customer(None, b'{"note": "ann"}', "ann")
    (True, False)
    """
    if key == customer.encode():
        return True
    named = _in_object(value or b"", of_customer=is_foreign)
    if named is not None and not is_foreign:
        return customer in named
    if named is not None and customer in named:
        return True
    content = value or b""
    if any(customer.encode(encoding) in content for encoding, _ in _ENCODINGS):
        return True
    return b"\\" in content and customer in _unescaped(content.decode("utf-8", "replace"))


def customers_named(key: bytes | None, value: bytes | None, *, is_foreign: bool = False) -> set[str]:
    """The texts of a record that would name a customer, if one has such an id; of a source's record all texts.

    >>> sorted(customers_named(b"k-1", b'{"event_id": "e-1", "customer": {"id": 4711}}'))
    ['4711', 'k-1']
    >>> "ann@x.it" in customers_named(None, b"7;ann@x.it;nps")
    True
    """
    in_object = _in_object(value or b"", of_customer=is_foreign)
    named = _some_words(value or b"") if in_object is None or is_foreign else in_object
    if is_foreign:
        named.update(islice(in_object or (), _MOST_WORDS))
    if key:
        named.add(key.decode("utf-8", "replace"))
    # A half of a surrogate pair, which JSON may escape, is the text of nobody's id: it has no bytes.
    return {text for text in named if text and text == text.encode("utf-8", "ignore").decode()}


def _in_object(value: bytes, *, of_customer: bool) -> set[str] | None:
    try:
        content = json.loads(value, object_pairs_hook=_Fields)
        return set(_below(content, of_customer=of_customer)) if isinstance(content, _Fields) else None
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


def _some_words(value: bytes) -> set[str]:
    found: set[str] = set()
    for word in _words(value):
        found.add(word)
        if len(found) >= _MOST_WORDS:
            break
    return found


def _words(value: bytes) -> Iterator[str]:
    for text in _texts(value):
        for line in text.splitlines():  # one after the other: the first of each kind count, where there are too many
            for pattern in _WORDS:
                yield from (word.strip(" '\0") for word in pattern.findall(line) if len(word) <= 2 * LONGEST_ID)
            for word in _FRAMED.findall(line):
                yield from (word, word[1:], word[:-1], word[1:-1])


def _texts(value: bytes) -> Iterator[str]:
    searched = value[:_SEARCHED_BYTES]
    text = searched.decode("utf-8", "replace")
    if b"\\" in searched:
        yield _unescaped(text)
    yield text
    if b"\0" in searched:  # as each text has in the others, unless it has not even a space or a comma
        for encoding, width in _ENCODINGS[1:]:
            for start in range(width):
                yield searched[start:].decode(encoding, "replace")


def _unescaped(text: str) -> str:
    r"""The text without JSON's escapes, as a record that is an array of events may have them, or one that was cut off.

    >>> _unescaped(r"j\u00fcrgen")
    'jürgen'
    """
    plain = _ESCAPED.sub(lambda match: match[2] or chr(int(match[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # pairs of surrogates are one letter
