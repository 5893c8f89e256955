"""Placeholders: texts that publishers send as the customer where there is none. They stand for nobody.

Everybody without an account would otherwise be one person: one with most of the answers, whom an erasure removes.
"""

from collections.abc import Collection
from typing import Final

DEFAULT: Final = "null, undefined, none, anonymous, 0, -, n/a, unknown"
"""What programs and people write where they know no customer, separated by commas. Nothing at all is one as well."""

BLANK: Final = ""


def placeholders_of(text: str) -> frozenset[str]:
    """The placeholders that a setting names.

    Args:
        text: Texts separated by commas; after a `+` they are added to the default ones. Blank ones always are
            placeholders.

    >>> sorted(placeholders_of("Guest, -"))
    ['', '-', 'guest']
    >>> placeholders_of("+ guest") == placeholders_of(DEFAULT) | {"guest"}
    True
    """
    added = text.strip().removeprefix("+")
    default = placeholders_of(DEFAULT) if added != text.strip() else frozenset({BLANK})
    return default | {folded(word) for word in added.split(",")}


def folded(text: str) -> str:
    """A text as placeholders are compared: without spaces around it, whatever the case.

    >>> folded(" NULL ")
    'null'
    """
    return text.strip().casefold()


def is_nobody(customer: str, known: Collection[str]) -> bool:
    """Whether a customer's id as published stands for nobody.

    >>> is_nobody("N/A", placeholders_of(DEFAULT)), is_nobody("  ", ()), is_nobody("c-0", placeholders_of(DEFAULT))
    (True, True, False)
    """
    text = folded(customer)
    return text == BLANK or text in known


PLACEHOLDERS: Final = placeholders_of(DEFAULT)
