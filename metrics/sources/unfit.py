"""What does not fit a source's mapping: which field of which event, the path it was read from, and the value there."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from metrics.events.masking import time_layout
from metrics.events.rejection import Reason, Rejected
from metrics.events.shapes import LONGEST_NUMBER

ABSENT: Final = object()
"""The value of what is not there."""
MOST_NAMED: Final = 12
"""How many entries of a table a refusal names."""


class Unfit(Exception):
    """A value cannot become a field of an event. The message quotes nothing of the record."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record gives no events.

    Attributes:
        source: The source's name.
        reason: One of the closed set.
        message: What is wrong, without anything of the record.
        event: Which [[source.event]] it was, from 1; 0 where it was none of them.
        field: The event's field; "" where it is the whole record.
        path: Where the field is read from; "" where it is no field.
        value: What is there; ABSENT where there is nothing, or it is the whole record.
    """

    source: str
    reason: Reason
    message: str
    event: int = 0
    field: str = ""
    path: str = ""
    value: Any = ABSENT

    @property
    def place(self) -> str:
        """Source, field and path, as a sentence begins with them."""
        field = f", {self.field}" if self.field else ""
        return f"source {self.source}{field}" + (f" from {self.path}" if self.path else "")

    def rejected(self) -> Rejected:
        """The same for the dead-letter topic: the value by its shape, for it may be somebody's name or number."""
        shape = "" if self.value is ABSENT else f" (it is {shape_of_value(self.value)})"
        return Rejected(self.reason, f"{self.place}: {self.message}{shape}", source=self.source)


def shape_of_value(value: Any) -> str:
    """A value without its content; short numbers as they are, and instants by their layout.

    >>> shape_of_value("anna"), shape_of_value(11), shape_of_value("22/11/2026"), shape_of_value(None)
    ('<text: 4 characters>', '11', '<text like 99/99/9999>', 'null')
    """
    if isinstance(value, str):
        return time_layout(value) if any(letter.isdigit() for letter in value) else f"<text: {len(value)} characters>"
    if isinstance(value, list | dict):
        return f"<{'array' if isinstance(value, list) else 'object'} of {len(value)}>"
    token = msgspec.json.encode(value).decode()
    return token if isinstance(value, bool) or value is None or len(token) <= LONGEST_NUMBER else (
        f"<number: {len(token)} characters>"
    )  # fmt: skip


def entries_of(names: Any) -> str:
    """Some names of a table, for a message: they are the file's, not the record's."""
    listed = list(names)
    more = f" and {len(listed) - MOST_NAMED} more" if len(listed) > MOST_NAMED else ""
    return ", ".join(repr(name) for name in listed[:MOST_NAMED]) + more
