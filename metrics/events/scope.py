"""The scope of a publisher: for which source, and at which touchpoints, it may send events."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import msgspec

from metrics.events.event import Event
from metrics.ids import is_touchpoint_id
from metrics.registry.claims import patterns_of

ANY: Final = "*"
SCOPED_BY: Final = "cx-scope"
"""The header by which the gateway says what the sender of a record may send: a mapping may change after that."""
FOREIGN_SOURCE: Final = "foreign_source"
FOREIGN_TOUCHPOINT: Final = "foreign_touchpoint"


@dataclass(frozen=True, slots=True)
class Foreign:
    """Why an event is not its publisher's to send: the reason, the field, and what to do, as in `Rejected`."""

    reason: str
    detail: str
    field: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What a publisher may send.

    Attributes:
        source: The source that its events name; "" for any.
        touchpoints: Patterns of touchpoints, as in the registry: an id, a prefix that ends in `.*`, or `*`.
    """

    source: str
    touchpoints: Collection[str]

    def foreign(self, event: Event) -> Foreign | None:
        """Why an event is outside; None where it is not.

        An event without a touchpoint, a note about a department or about everything, is for those who may send any.
        """
        if self.source and event.source != self.source:
            detail = f"source must be {self.source}: this token is for no other"
            return Foreign(FOREIGN_SOURCE, detail, "source")
        patterns = patterns_of(event.touchpoint) if event.touchpoint else [ANY]
        if not any(pattern in self.touchpoints for pattern in patterns):
            detail = f"touchpoint must match {' or '.join(sorted(self.touchpoints))}: this token is for no other"
            return Foreign(FOREIGN_TOUCHPOINT, detail, "touchpoint")
        return None


class _Written(msgspec.Struct):
    source: str
    touchpoints: list[str]


_read: Final = msgspec.json.Decoder(_Written).decode
EMPTY_SCOPE: Final = Scope("", ())


def scope_header(scope: Scope) -> bytes | None:
    """A scope as a header has it; None for who may send anything.

    >>> scope_header(Scope("shop", ["web.*"])), scope_header(Scope("", ["*"]))
    (b'{"source":"shop","touchpoints":["web.*"]}', None)
    """
    if not scope.source and ANY in scope.touchpoints:
        return None
    return msgspec.json.encode(_Written(scope.source, sorted(scope.touchpoints)))


def scope_of(header: str) -> Scope:
    """The scope that a header says; EMPTY_SCOPE where it cannot be read."""
    try:
        written = _read(header)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return EMPTY_SCOPE
    return Scope(written.source, written.touchpoints)


def is_touchpoint_pattern(text: str) -> bool:
    """Whether a text is a pattern of touchpoints.

    >>> [is_touchpoint_pattern(text) for text in ("web.cart", "web.*", "*", "web*", "")]
    [True, True, True, False, False]
    """
    return text == ANY or is_touchpoint_id(text.removesuffix(".*"))
