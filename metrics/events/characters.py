r"""Characters that no event may have: control characters in ids, and halves of surrogate pairs anywhere.

An id with a line break or a NUL in it looks like another one in every list, and breaks what reads it line by line.
"""

import re
from collections.abc import Iterable
from typing import Final

from msgspec import UNSET

from metrics.events.event import Event

CONTROLS: Final = r"\x00-\x1f\x7f-\x9f"
"""Unicode's category Cc, as every dialect of regular expressions reads it."""
VISIBLE: Final = f"[^{CONTROLS}]*"
"""The pattern of a text without control characters."""

_CONTROL: Final = re.compile(f"[{CONTROLS}]")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_HIGH: Final = range(0xD800, 0xDC00)
_LOW: Final = range(0xDC00, 0xE000)


def may_have_controls(values: Iterable[bytes | None]) -> bool:
    r"""Whether any text of records that are JSON can have a control character.

    Those before the space are escaped there; the others are DEL, and two bytes of which the first is C2.

    >>> may_have_controls([b'"\xc3\xa9"', None]), may_have_controls([b'"\\n"']), may_have_controls([b'"\xc2\x85"'])
    (False, True, True)
    """
    joined = b"".join(filter(None, values))
    return b"\\" in joined or b"\x7f" in joined or b"\xc2" in joined


def has_control(event: Event) -> bool:
    """Whether an id of a touchpoint event has one; a touchpoint with one is no dotted id anyway."""
    return any(
        text is not UNSET and _CONTROL.search(text) is not None
        for text in (event.event_id, event.source, event.customer, event.journey, event.segment, event.region)
    )


def fault_of_control(text: str) -> str:
    r"""What is wrong with an id that has a control character; "" if it has none.

    >>> fault_of_control("web\nshop"), fault_of_control("é")
    ('has a control character (U+000A) at position 4: ids have none', '')
    """
    found = _CONTROL.search(text)
    if found is None:
        return ""
    return f"has a control character (U+{ord(found[0]):04X}) at position {found.start() + 1}: ids have none"


def lone_surrogate(text: str) -> str:
    r"""Where JSON escapes half of a surrogate pair; "" if nowhere.

    >>> lone_surrogate('{"a": "x\\ud800"}')
    'half of a surrogate pair (\\ud800) at character 9: it is no letter; escape both halves, or write UTF-8'
    >>> lone_surrogate('"\\ud83d\\uded2"'), lone_surrogate('"\\\\ud800"')
    ('', '')
    """
    high: re.Match[str] | None = None
    for escape in _ESCAPE.finditer(text):
        unit = int(escape[1], 16) if escape[1] else 0
        is_pair = high is not None and high.end() == escape.start() and unit in _LOW
        if high is not None and not is_pair:
            return _half(high)
        if unit in _LOW and not is_pair:
            return _half(escape)
        high = escape if unit in _HIGH else None
    return _half(high) if high is not None else ""


def _half(escape: re.Match[str]) -> str:
    where = f"({escape[0].lower()}) at character {escape.start() + 1}"
    return f"half of a surrogate pair {where}: it is no letter; escape both halves, or write UTF-8"
