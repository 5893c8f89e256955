"""Ids and labels: which texts name a department or a touchpoint, and how long the texts of an event may be.

The registry, events and answers about governance read them here, so what the registry declares can be named everywhere.
"""

import re
from typing import Final

WORD: Final = re.compile(r"[a-z0-9_-]+")
"""A word of a touchpoint id; a department id is one word, of any length."""
LONGEST_ID: Final = 128
"""Characters of a touchpoint id or of a customer id, at most."""
LONGEST_LABEL: Final = 64
"""Characters of every other text of an event, at most: segment, region, source, journey, role, ..."""
TOUCHPOINT_ID: Final = re.compile(rf"{WORD.pattern}(\.{WORD.pattern})*")


def is_department_id(text: str) -> bool:
    """Whether a text can be the id of a department.

    >>> is_department_id("customer-care"), is_department_id("Sales"), is_department_id("")
    (True, False, False)
    """
    return WORD.fullmatch(text) is not None


def is_touchpoint_id(text: str) -> bool:
    """Whether a text can be the id of a touchpoint: dotted lower-case words, 128 characters at most.

    >>> is_touchpoint_id("web.checkout"), is_touchpoint_id("Web..x"), is_touchpoint_id("x" * 129)
    (True, False, False)
    """
    return len(text) <= LONGEST_ID and TOUCHPOINT_ID.fullmatch(text) is not None
