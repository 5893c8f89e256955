"""Limits on attempts with a wrong token: of each address, and of its network. Their memory is bounded.

There is none of all addresses together: whoever has many of them would lock out everybody else. Each limit is a generic
cell rate (ATM Forum, TM 4.0, 4.4.3): one instant, until which an address or a network has failures.
"""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple


class Allowance(NamedTuple):
    """So many at once, and then one more every so many seconds."""

    at_once: int
    every_s: float


PER_ADDRESS: Final = Allowance(10, 10.0)
PER_NETWORK: Final = Allowance(50, 2.0)
MOST_FAILING: Final = 10_000
"""So many addresses and networks with failures are remembered."""
MOST_KNOWN: Final = 1000
"""So many addresses from which the token came are remembered."""


class Attempts:
    """Counts failures. An address from which the token came is not held up by the failures of others."""

    def __init__(self) -> None:
        self._until_s: dict[str, float] = {}
        self._known: dict[str, None] = {}

    def wait_s(self, address: str, now_s: float) -> float:
        """How long an address has to wait before it may try, seconds; 0 where it may.

        Args:
            address: Of the client.
            now_s: By a clock that is never set back.
        """
        place = place_of(address)
        own_s = _wait_s(PER_ADDRESS, self._until_s.get(place, 0.0), now_s)
        if place in self._known:
            return own_s
        return max(own_s, _wait_s(PER_NETWORK, self._until_s.get(network_of(place), 0.0), now_s))

    def failed(self, address: str, now_s: float) -> None:
        """Counts a failure; it has waited."""
        place = place_of(address)
        for where, allowance in ((place, PER_ADDRESS), (network_of(place), PER_NETWORK)):
            self._until_s[where] = max(self._until_s.get(where, 0.0), now_s) + allowance.every_s
        if len(self._until_s) > MOST_FAILING:
            self._forget(now_s)

    def succeeded(self, address: str) -> None:
        """Notes that the token came from an address."""
        place = place_of(address)
        self._known.pop(place, None)
        self._known[place] = None
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]

    @property
    def remembered(self) -> int:
        """How many addresses and networks are in memory."""
        return len(self._until_s) + len(self._known)

    def _forget(self, now_s: float) -> None:
        """Forgets what is over, and of a flood all but the half that has failed most: so it is rarely done."""
        left = sorted(((until_s, place) for place, until_s in self._until_s.items() if until_s > now_s), reverse=True)
        self._until_s = {place: until_s for until_s, place in left[: MOST_FAILING // 2]}


class Rate:
    """So many of one thing, and no more."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance, self._until_s = allowance, 0.0

    def takes(self, now_s: float) -> bool:
        """Whether there may be one more now; if so it is counted."""
        if _wait_s(self._allowance, self._until_s, now_s) > 0:
            return False
        self._until_s = max(self._until_s, now_s) + self._allowance.every_s
        return True


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


def network_of(place: str) -> str:
    """The network of a place, which may be one customer's: 24 bits of IPv4, 48 of IPv6.

    >>> network_of("192.0.2.7"), network_of("2001:db8:0:7::/64"), network_of("?")
    ('192.0.2.0/24', '2001:db8::/48', '?/')
    """
    try:
        found = ip_network(place)
    except ValueError:
        return f"{place}/"
    return str(found.supernet(new_prefix=24 if found.version == 4 else 48))


def _wait_s(allowance: Allowance, until_s: float, now_s: float) -> float:
    return max(0.0, until_s - (allowance.at_once - 1) * allowance.every_s - now_s)
