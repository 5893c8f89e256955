"""Limits on attempts with a wrong token: of each address, and of all of them together. Their memory is bounded.

Each limit is a generic cell rate (ATM Forum, TM 4.0, 4.4.3): one instant for each address, until which it has failures.
"""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple


class Allowance(NamedTuple):
    """So many failures at once, and then one more every so many seconds."""

    at_once: int
    every_s: float


PER_ADDRESS: Final = Allowance(10, 10.0)
OVER_ALL: Final = Allowance(100, 1.0)
MOST_KNOWN: Final = 1000
"""So many addresses from which the token came are remembered."""


class Attempts:
    """Counts failures. An address from which the token came is not held up by the failures of others."""

    def __init__(self) -> None:
        self._until_s: dict[str, float] = {}
        self._all_until_s = 0.0
        self._known: dict[str, None] = {}

    def wait_s(self, address: str, now_s: float) -> float:
        """How long an address has to wait before it may try, seconds; 0 where it may.

        Args:
            address: Of the client.
            now_s: By a clock that is never set back.
        """
        place = place_of(address)
        own_s = _wait_s(PER_ADDRESS, self._until_s.get(place, 0.0), now_s)
        return own_s if place in self._known else max(own_s, _wait_s(OVER_ALL, self._all_until_s, now_s))

    def failed(self, address: str, now_s: float) -> None:
        """Counts a failure; it has waited."""
        # What is over is forgotten. As failures are limited over all, what is left are some hundreds.
        self._until_s = {place: until_s for place, until_s in self._until_s.items() if until_s > now_s}
        place = place_of(address)
        self._until_s[place] = max(self._until_s.get(place, 0.0), now_s) + PER_ADDRESS.every_s
        self._all_until_s = max(self._all_until_s, now_s) + OVER_ALL.every_s

    def succeeded(self, address: str) -> None:
        """Notes that the token came from an address."""
        place = place_of(address)
        self._known.pop(place, None)
        self._known[place] = None
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]

    @property
    def remembered(self) -> int:
        """How many addresses are in memory."""
        return len(self._until_s) + len(self._known)


def place_of(address: str) -> str:
    """What counts as one address: of IPv6 the network of 64 bits, in which a client may choose its own.

    >>> place_of("192.0.2.7"), place_of("2001:db8::1"), place_of("::ffff:192.0.2.7"), place_of("?")
    ('192.0.2.7', '2001:db8::/64', '192.0.2.7', '?')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


def _wait_s(allowance: Allowance, until_s: float, now_s: float) -> float:
    return max(0.0, until_s - (allowance.at_once - 1) * allowance.every_s - now_s)
