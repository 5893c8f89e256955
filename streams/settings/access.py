"""Who gets in at the worker's port, beyond the token: sessions, and the proxies that are trusted."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from streams.settings.base import SettingsSection

Networks = tuple[IPv4Network | IPv6Network, ...]

LEAST_PREFIX: Final = {4: 8, 6: 8}
"""A trusted network has at least so many fixed bits: a private network of a company has (RFC 1918, RFC 4193)."""


class AccessSettings(SettingsSection):
    """A part of the section `[http]`."""

    public_url: str = Field(
        "",
        pattern=r"^(https?://[^/@?#\s]+)?$",
        description="where browsers reach the page, http(s)://host[:port]; with https the cookie is Secure",
    )
    session_s: int = Field(43_200, ge=60, le=2_592_000, description="how long a login lasts")
    trusted_proxies: str = Field(
        "", description="addresses or networks of proxies whose X-Forwarded headers are believed, separated by commas"
    )
    user_header: str = Field(
        "",
        pattern=r"^[A-Za-z0-9-]*$",
        description="header in which a trusted proxy names whom it has signed in: they need no token",
    )

    @property
    def is_public_secure(self) -> bool:
        """Whether browsers reach the page by TLS."""
        return self.public_url.startswith("https:")

    @property
    def public_authority(self) -> str:
        """Host and port of the public address; "" where it is not set."""
        return urlsplit(self.public_url).netloc

    @property
    def public_host(self) -> str:
        """The host of the public address; "" where it is not set."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def proxies(self) -> Networks:
        """The trusted proxies."""
        return _networks_of(self.trusted_proxies)

    @field_validator("trusted_proxies")
    @classmethod
    def _few(cls, text: str) -> str:
        if any(network.prefixlen < LEAST_PREFIX[network.version] for network in _networks_of(text)):
            raise ValueError("trusts a good part of all addresses: name the proxy's own")
        return text

    @model_validator(mode="after")
    def _named(self) -> "AccessSettings":
        if self.user_header and not self.trusted_proxies:
            raise ValueError("user_header needs trusted_proxies: else anybody could send that header")
        return self


def _networks_of(text: str) -> Networks:
    """Networks from their text.

    >>> _networks_of("10.0.0.7, fd00::/8")
    (IPv4Network('10.0.0.7/32'), IPv6Network('fd00::/8'))
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
