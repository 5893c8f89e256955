"""What a request says of its client, where a proxy stands in between: believed only of the proxies that are trusted."""

from collections.abc import Iterable
from ipaddress import ip_address

from multidict import CIMultiDictProxy

from streams.settings.access import AccessSettings

Headers = CIMultiDictProxy[str]


class Proxies:
    """The proxies that are trusted, none by default."""

    def __init__(self, settings: AccessSettings) -> None:
        self._networks, self._user_header = settings.proxies, settings.user_header

    def client(self, peer: str, headers: Headers) -> str:
        """The client's address: the last one of X-Forwarded-For that is not a trusted proxy's.

        Args:
            peer: The other end of the connection.
            headers: Of the request.
        """
        client = peer
        for address in map(_without_port, reversed([*_listed(headers, "X-Forwarded-For")])):
            if not self.trusts(client) or not _is_address(address):
                break
            client = address
        return client

    def is_secure(self, peer: str, headers: Headers) -> bool:
        """Whether a trusted proxy says that the browser came by TLS."""
        return self.trusts(peer) and [*_listed(headers, "X-Forwarded-Proto")][-1:] == ["https"]

    def has_signed_in(self, peer: str, headers: Headers) -> bool:
        """Whether a trusted proxy says whom it has signed in. A header that is there twice says nothing."""
        if not self._user_header or not self.trusts(peer):
            return False
        return [_is_a_name(text) for text in headers.getall(self._user_header, [])] == [True]

    def trusts(self, peer: str) -> bool:
        """Whether an address is a trusted proxy's."""
        if not self._networks or not _is_address(peer):
            return False
        address = ip_address(peer)
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self._networks)


def _listed(headers: Headers, name: str) -> Iterable[str]:
    for line in headers.getall(name, []):
        yield from (part.strip() for part in line.split(","))


def _without_port(text: str) -> str:
    """An address that some proxies write with the port of the connection.

    >>> _without_port("203.0.113.7:4711"), _without_port("[2001:db8::7]:4711"), _without_port("2001:db8::7")
    ('203.0.113.7', '2001:db8::7', '2001:db8::7')
    """
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_a_name(text: str) -> bool:
    return text.isprintable() and text.strip() != ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
