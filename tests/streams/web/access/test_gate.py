"""Who gets in, over real HTTP: the ways of the token, limits, other sites, and what a proxy says."""

import logging

import pytest

from streams.ingest.telemetry import LOGIN_OUTCOMES
from streams.web.answers import Site
from tests.streams.web.access.visitor import Visitor, basic, guarded
from tests.streams.web.served import TOKEN


async def test_the_token_is_taken_as_a_password_and_as_a_bearer_token(visitor: Visitor) -> None:
    right = [
        basic(TOKEN),
        basic(TOKEN, "ann"),
        {"Authorization": f"Bearer {TOKEN}"},
        {"Authorization": f"bearer {TOKEN}"},
    ]
    for headers in right:
        assert (await visitor.send("/metrics", headers=headers)).status == 200
    wrong = [basic("x"), basic("", TOKEN), {"Authorization": f"Digest {TOKEN}"}, {"Authorization": "Basic %"}]
    for headers in wrong:
        answer = await visitor.send("/metrics", headers=headers)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_page_of_another_site_can_neither_log_in_nor_out(visitor: Visitor, headers: dict[str, str]) -> None:
    session = await visitor.session()
    assert (await visitor.log_in(headers=headers)).status == 403
    assert (await visitor.send("/logout", "POST", session | headers, {"next": "/"})).status == 403
    assert (await visitor.send("/", headers=session)).status == 200


async def test_a_page_of_ours_can(visitor: Visitor) -> None:
    for headers in ({"Origin": f"http://127.0.0.1:{visitor.port}"}, {"Sec-Fetch-Site": "same-origin"}):
        assert (await visitor.log_in(headers=headers)).status == 303


async def test_after_ten_wrong_tokens_an_address_waits_though_the_right_one_comes(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with guarded(site) as visitor:
        session = await visitor.session()
        for n in range(10):
            wrong = {"Authorization": f"Bearer wrong-token-number-{n}"}
            answer = (
                await visitor.send("/metrics", headers=wrong)
                if n % 2
                else await visitor.log_in(f"wrong-token-number-{n}")
            )
            assert answer.status == 401
        for answer in (await visitor.send("/metrics", headers=basic(TOKEN)), await visitor.log_in(lang="it")):
            assert answer.status == 429
            assert 1 <= int(answer.headers["Retry-After"]) <= 10
            assert answer.cookies == {}
        assert f"Riprova tra {answer.headers['Retry-After']} secondi" in answer.text
        counted = {
            outcome: site.telemetry.registry.get_sample_value("cx_logins_total", {"outcome": outcome})
            for outcome in LOGIN_OUTCOMES
        }
        assert counted == {"accepted": 1, "wrong": 10, "limited": 2}
        # Whoever is in stays in, and probes are answered.
        assert (await visitor.send("/metrics", headers=session)).status == 200
        assert (await visitor.send("/ready")).status == 200
    assert "a wrong token came from 127.0.0.1" in caplog.text
    assert TOKEN not in caplog.text
    assert "wrong-token-number" not in caplog.text
    assert session["Cookie"].partition("=")[2] not in caplog.text


async def test_clients_behind_a_trusted_proxy_have_limits_of_their_own(site: Site) -> None:
    async with guarded(site, trusted_proxies="127.0.0.1") as visitor:
        for _ in range(10):
            assert (await visitor.log_in("x", {"X-Forwarded-For": "1.2.3.4, 203.0.113.9"})).status == 401
        assert (await visitor.log_in("x", {"X-Forwarded-For": "203.0.113.9"})).status == 429
        assert (await visitor.log_in(TOKEN, {"X-Forwarded-For": "203.0.113.9, 203.0.113.10"})).status == 303
    async with guarded(site) as visitor:  # of a proxy that is not trusted, the header is anybody's
        for n in range(10):
            assert (await visitor.log_in("x", {"X-Forwarded-For": f"203.0.113.{n}"})).status == 401
        assert (await visitor.log_in("x", {"X-Forwarded-For": "203.0.113.99"})).status == 429


async def test_whom_a_trusted_proxy_has_signed_in_needs_no_token(site: Site) -> None:
    named = {"X-Forwarded-User": "ann@example.com"}
    async with guarded(site, trusted_proxies="127.0.0.1", user_header="X-Forwarded-User") as visitor:
        assert (await visitor.send("/metrics", headers=named)).status == 200
        answer = await visitor.send("/login?next=%2F%3Fpage%3Ddrift", headers=named)
        assert (answer.status, answer.headers["Location"]) == (303, "/?page=drift")
        assert (await visitor.send("/metrics")).status == 401
    for settings in (
        {},
        {"trusted_proxies": "192.0.2.1", "user_header": "X-Forwarded-User"},
        {"trusted_proxies": "127.0.0.1"},
    ):
        async with guarded(site, **settings) as visitor:
            assert (await visitor.send("/metrics", headers=named)).status == 401


@pytest.mark.parametrize(
    ("settings", "headers"),
    [
        ({"public_url": "https://cx.example"}, {"Host": "cx.example", "Origin": "https://cx.example"}),
        ({"trusted_proxies": "127.0.0.1"}, {"X-Forwarded-Proto": "https"}),
    ],
)
async def test_behind_tls_the_cookie_is_secure_and_of_this_very_host(
    site: Site, settings: dict[str, str], headers: dict[str, str]
) -> None:
    async with guarded(site, **settings) as visitor:
        cookies = (await visitor.log_in(headers=headers)).cookies
        [name] = [name for name in cookies if name.startswith("__Host-")]
        assert "; Secure" in cookies[name]
        session = {"Cookie": cookies[name].partition(";")[0]}
        assert (await visitor.send("/", headers=session)).status == 200
        out = await visitor.send("/logout", "POST", session | headers, {"next": "/"})
        assert "Max-Age=0" in out.cookies[name]


async def test_without_a_token_there_is_nothing_to_log_in_to(site: Site) -> None:
    async with guarded(site, token=None) as visitor:
        answer = await visitor.send("/login?next=%2F%3Fpage%3Ddrift")
        assert (answer.status, answer.headers["Location"]) == (303, "/?page=drift")
        answer = await visitor.log_in("")
        assert (answer.status, answer.cookies) == (401, {})


async def test_wrong_tokens_from_many_addresses_lock_out_nobody_and_do_not_fill_the_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    async with guarded(site, trusted_proxies="127.0.0.1") as visitor:
        for n in range(300):
            answer = await visitor.log_in("x", {"X-Forwarded-For": f"10.{n % 200}.{n // 200}.9"})
            assert answer.status == 401
        assert (await visitor.log_in(TOKEN, {"X-Forwarded-For": "203.0.113.10"})).status == 303
    lines = [record for record in caplog.records if "a wrong token came from" in record.getMessage()]
    assert 100 <= len(lines) < 300
