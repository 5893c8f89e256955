"""What is believed of a proxy: nothing if it is not trusted, and of a trusted one no more than it added itself."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from streams.settings.access import AccessSettings
from streams.web.access.proxies import Proxies

PROXY, CLIENT = "10.0.0.7", "203.0.113.9"
TRUSTING = Proxies(AccessSettings(trusted_proxies="10.0.0.7, fd00::/8", user_header="X-Forwarded-User"))
NOBODY = Proxies(AccessSettings())


def headers(**values: str) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in values.items()}))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        (PROXY, CLIENT, CLIENT),
        (PROXY, f"192.0.2.1, {CLIENT}", CLIENT),  # what stands before it, the client may have written
        (PROXY, f"{CLIENT}, fd00::3, {PROXY}", CLIENT),
        (PROXY, "", PROXY),
        (PROXY, "unknown", PROXY),
        (PROXY, f"{CLIENT}, <script>", PROXY),
        (PROXY, f"<script>, {CLIENT}", CLIENT),
        (CLIENT, "192.0.2.1", CLIENT),
        ("::ffff:10.0.0.7", CLIENT, CLIENT),
        ("", CLIENT, ""),
    ],
)
def test_the_client_is_the_last_one_that_no_trusted_proxy_is(peer: str, forwarded: str, client: str) -> None:
    assert TRUSTING.client(peer, headers(X_Forwarded_For=forwarded)) == client
    assert NOBODY.client(peer, headers(X_Forwarded_For=forwarded)) == peer


def test_only_a_trusted_proxy_says_who_has_signed_in() -> None:
    named = headers(X_Forwarded_User="ann@example.com")
    assert TRUSTING.has_signed_in(PROXY, named)
    assert TRUSTING.has_signed_in("fd00::1", named)
    assert not TRUSTING.has_signed_in(CLIENT, named)
    assert not TRUSTING.has_signed_in("10.0.0.8", named)
    assert not NOBODY.has_signed_in(PROXY, named)
    assert not TRUSTING.has_signed_in(PROXY, headers(X_Forwarded_User=" "))
    assert not TRUSTING.has_signed_in(PROXY, headers(X_Other="ann"))
    twice = CIMultiDictProxy(CIMultiDict([("X-Forwarded-User", "ann"), ("x-forwarded-user", "bob")]))
    assert not TRUSTING.has_signed_in(PROXY, twice)


def test_without_a_header_to_look_for_a_trusted_proxy_signs_nobody_in() -> None:
    proxies = Proxies(AccessSettings(trusted_proxies=PROXY))
    assert not proxies.has_signed_in(PROXY, headers(X_Forwarded_User="ann"))


@pytest.mark.parametrize(
    ("peer", "text", "is_secure"),
    [
        (PROXY, "https", True),
        (PROXY, "http", False),
        (PROXY, "https, http", False),
        (PROXY, "", False),
        (CLIENT, "https", False),
    ],
)
def test_only_a_trusted_proxy_says_that_the_browser_came_by_tls(peer: str, text: str, is_secure: bool) -> None:
    assert TRUSTING.is_secure(peer, headers(X_Forwarded_Proto=text)) == is_secure
