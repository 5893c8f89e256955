"""The form and sessions, over real HTTP."""

import asyncio
import logging
import re
import time
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from streams.web.access.sessions import Sessions
from streams.web.answers import Site
from tests.streams.web.access.visitor import HTML, Visitor, guarded
from tests.streams.web.served import TOKEN

FORM = "application/x-www-form-urlencoded"
HOSTILE = '"><script>hacked=1</script>'


async def test_the_token_gives_a_session_that_opens_everything_and_leads_back(visitor: Visitor) -> None:
    answer = await visitor.log_in(next="/?page=drift&lang=it")
    assert (answer.status, answer.headers["Location"]) == (303, "/?page=drift&lang=it")
    [name] = [name for name in answer.cookies if name != "cxb-until"]
    assert TOKEN not in str(answer.cookies)
    for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"):
        assert part in answer.cookies[name], part
    assert "Secure" not in answer.cookies[name]
    assert "Domain" not in answer.cookies[name]
    assert "HttpOnly" not in answer.cookies["cxb-until"]  # the page's script reads it: it says when, and opens nothing
    header = {"Cookie": answer.cookies[name].partition(";")[0]}
    for path in ("/", "/metrics", "/static/page.js", "/api/v1/registry"):
        assert (await visitor.send(path, headers=header)).status == 200, path
    until = {"Cookie": answer.cookies["cxb-until"].partition(";")[0]}
    assert (await visitor.send("/", headers=until)).status == 401


async def test_a_wrong_token_gives_the_form_again_and_no_session(visitor: Visitor) -> None:
    for token in (TOKEN + "x", TOKEN[:-1], "", "é", "🙂", "\x00"):
        answer = await visitor.log_in(token, next="/?page=drift")
        assert (answer.status, answer.cookies) == (401, {})
        assert "That is not the token." in answer.text
        assert 'value="/?page=drift"' in answer.text
        if token:
            assert token not in answer.text


async def test_a_browser_without_a_session_is_led_to_the_form_by_a_document_of_ours(visitor: Visitor) -> None:
    for path in ("/", "/?page=drift&department=sales", "/api/v1/report?format=html"):
        answer = await visitor.send(path, headers=HTML)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        [address] = re.findall(r'content="0; url=([^"]+)"', answer.text)
        assert parse_qs(urlsplit(address).query).get("next", ["/"]) == [path]
        form = await visitor.send(address, headers=HTML)
        assert (form.status, '<form method="post" action="/login">' in form.text) == (200, True)
    for path in ("/", "/api/v1/balances"):
        assert (await visitor.send(path)).text == "a token is required\n"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
        "/\n/evil.example", " /", "javascript:alert(1)", "evil", "", "/login?next=/login", "/logout", "/" + "x" * 3000,
        "/%0d\n", "/à",
    ],
)  # fmt: skip
async def test_a_login_leads_to_no_other_place_than_this_host(visitor: Visitor, address: str) -> None:
    answer = await visitor.log_in(next=address)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    header = await visitor.session()
    answer = await visitor.send(f"/login?next={quote(address, safe='')}", headers=header)
    assert (answer.status, answer.headers["Location"]) == (303, "/")


async def test_hostile_texts_stay_text(visitor: Visitor) -> None:
    for query in (
        f"next={quote('/?department=' + HOSTILE)}",
        f"lang={quote(HOSTILE)}",
        f"next={quote('/?theme=' + HOSTILE)}",
    ):
        answer = await visitor.send(f"/login?{query}")
        assert answer.status == 200
        assert "<script" not in answer.text
    answer = await visitor.log_in(HOSTILE, next=f"/?{HOSTILE}", lang=HOSTILE)
    assert (answer.status, "<script" in answer.text) == (401, False)
    assert "<script" not in (await visitor.send(f"/?{HOSTILE}", headers=HTML)).text


async def test_the_form_has_the_headers_of_the_page_and_may_send_only_here(visitor: Visitor) -> None:
    policy = (await visitor.send("/", headers=await visitor.session())).headers["Content-Security-Policy"]
    for answer in (await visitor.send("/login"), await visitor.log_in("x"), await visitor.send("/", headers=HTML)):
        assert answer.headers["Content-Security-Policy"] == policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    assert {"default-src 'self'", "form-action 'self'", "base-uri 'none'"} <= set(policy.split("; "))


@pytest.mark.parametrize(
    ("headers", "query", "title"),
    [
        ({}, "", "Log in"),
        ({"Accept-Language": "it-CH,it;q=0.9,en;q=0.5"}, "", "Accedi"),
        ({"Accept-Language": "it"}, "?lang=es", "Iniciar sesión"),
        ({}, "?next=%2F%3Flang%3Dit%26theme%3Ddark", "Accedi"),
    ],
)
async def test_the_form_speaks_the_readers_language(
    visitor: Visitor, headers: dict[str, str], query: str, title: str
) -> None:
    answer = await visitor.send(f"/login{query}", headers=headers)
    assert f"<h1>{title}</h1>" in answer.text
    assert ('data-theme="dark"' in answer.text) == ("dark" in query)


async def test_logging_out_ends_the_session_also_for_who_has_copied_it(visitor: Visitor) -> None:
    header, other = await visitor.session(), await visitor.session()
    answer = await visitor.send("/logout", "POST", header, {"next": "/?page=drift"})
    assert (answer.status, answer.headers["Location"]) == (303, "/login?next=%2F%3Fpage%3Ddrift")
    assert all("Max-Age=0" in line for line in answer.cookies.values())
    assert len(answer.cookies) == 2
    assert (await visitor.send("/", headers=header)).status == 401
    assert (await visitor.send("/", headers=other)).status == 200


async def test_a_program_logs_out_without_a_form(visitor: Visitor) -> None:
    header = await visitor.session()
    answer = await visitor.send("/logout", "POST", header)
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert (await visitor.send("/", headers=header)).status == 401


async def test_a_session_that_is_over_or_of_another_token_opens_nothing(visitor: Visitor) -> None:
    for sessions, now_s in ((Sessions(TOKEN, 600), time.time() - 601), (Sessions(TOKEN + "x", 600), time.time())):
        _, text = sessions.begin(now_s)
        name = Sessions(TOKEN, 600).name
        assert (await visitor.send("/", headers={"Cookie": f"{name}={text}"})).status == 401
    _, text = Sessions(TOKEN, 600).begin(time.time())
    assert (await visitor.send("/", headers={"Cookie": f"{name}={text}"})).status == 200


async def test_nothing_is_changed_by_a_get(visitor: Visitor) -> None:
    header = await visitor.session()
    assert (await visitor.send("/logout", headers=header)).status == 405
    answer = await visitor.send(f"/login?token={TOKEN}")
    assert (answer.status, answer.cookies) == (200, {})
    assert TOKEN not in answer.text
    assert (await visitor.send("/", headers=header)).status == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"token=" + b"x" * 9000, FORM, 413),
        (b"&".join(b"a%d=1" % n for n in range(50)), FORM, 400),
        (b'{"token": "x"}', "application/json", 415),
        (b"--b\r\n\r\n--b--", "multipart/form-data; boundary=b", 415),
        (b"token=%ff%fe&next=%00", FORM, 401),
        (b"\xff\xfe\x00", f"{FORM}; charset=no-such", 401),
        (b"", FORM, 401),
    ],
)
async def test_a_form_of_any_bytes_is_answered_and_never_an_error_of_ours(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, body: bytes, kind: str, status: int
) -> None:
    answer = await visitor.send("/login", "POST", {"Content-Type": kind}, body)
    assert answer.status == status
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.long
async def test_a_form_that_never_comes_is_given_up_and_holds_up_nobody(site: Site) -> None:
    async with guarded(site, connections=16) as visitor:
        head = f"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {FORM}\r\nContent-Length: 99\r\n\r\n".encode()
        opened = [await asyncio.open_connection("127.0.0.1", visitor.port) for _ in range(20)]
        for _, writer in opened:
            writer.write(head + b"token=")
        assert (await visitor.log_in()).status == 303
        reader, _ = opened[-1]
        assert b"408" in await asyncio.wait_for(reader.readline(), 20)
        for _, writer in opened:
            writer.close()
