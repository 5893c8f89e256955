"""What requests may take in memory together, from the first byte of a body until the broker has its events."""

from collections.abc import Callable
from dataclasses import dataclass


class Full(Exception):
    """There is no room for another request."""


@dataclass(slots=True)
class Budget:
    """So many bytes, of which each request reserves some.

    Attributes:
        most: How many there are.
        taken: How many are reserved.
    """

    most: int
    taken: int = 0

    def reserve(self, size: int) -> "Reservation":
        """Reserves so many bytes.

        Raises:
            Full: There are not as many.
        """
        if self.taken + size > self.most:
            raise Full
        self.taken += size
        return Reservation(size, self._give_back)

    def _give_back(self, size: int) -> None:
        self.taken -= size


class Reservation:
    """Bytes that are reserved, until they are given back."""

    def __init__(self, size: int, give_back: Callable[[int], None]) -> None:
        self._size, self._give_back = size, give_back

    def shrink(self, size: int) -> None:
        """Keeps so many bytes at most: that much was needed."""
        if size < self._size:
            self._give_back(self._size - size)
            self._size = size

    def hand_over(self) -> "Reservation":
        """All of it, for somebody else to give back."""
        size, self._size = self._size, 0
        return Reservation(size, self._give_back)

    def release(self) -> None:
        """Gives back what is left."""
        self.shrink(0)
