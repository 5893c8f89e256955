"""Values that a test expects to be there."""

from typing import TypeVar

T = TypeVar("T")


def known(value: T | None) -> T:
    """The value; fails where it is None."""
    assert value is not None
    return value
