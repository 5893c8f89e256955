"""Settings of who gets in: what would let everybody in is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from streams.settings.access import AccessSettings


def test_by_default_no_proxy_is_trusted() -> None:
    settings = AccessSettings()
    assert (settings.proxies, settings.user_header, settings.public_url) == ((), "", "")
    assert not settings.is_public_secure


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"trusted_proxies": "0.0.0.0/0"}, "trusts a good part of all addresses"),
        ({"trusted_proxies": "0.0.0.0/1, 128.0.0.0/1"}, "trusts a good part of all addresses"),
        ({"trusted_proxies": "10.0.0.1, ::/0"}, "trusts a good part of all addresses"),
        ({"trusted_proxies": "proxy.example"}, "does not appear to be"),
        ({"trusted_proxies": "10.0.0.7/8"}, "has host bits set"),
        ({"user_header": "X-User"}, "user_header needs trusted_proxies"),
        ({"user_header": "X User", "trusted_proxies": "10.0.0.1"}, "pattern"),
        ({"public_url": "cx.example"}, "pattern"),
        ({"public_url": "https://cx.example/page"}, "pattern"),
        ({"public_url": "https://user:secret@cx.example"}, "pattern"),
        ({"session_s": 1}, "greater than or equal to 60"),
    ],
)
def test_a_setting_that_would_let_others_in_or_lead_nowhere_is_refused(values: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        AccessSettings(**values)


def test_the_public_address_has_a_host_an_authority_and_a_scheme() -> None:
    settings = AccessSettings(public_url="https://cx.example:8443")
    assert (settings.public_host, settings.public_authority) == ("cx.example", "cx.example:8443")
    assert settings.is_public_secure
