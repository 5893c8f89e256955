"""The port itself: routes, guards, headers, errors."""

import aiohttp
import pytest

from streams.errors import ConfigurationError
from streams.settings.settings import HttpSettings
from streams.web.answers import Site
from streams.web.server import application, serve
from tests.streams.web.served import OF_A_NAME, PATHS, POSTS, TOKEN, Served, served_by


async def test_every_route_answers_with_its_type_and_the_security_headers(served: Served) -> None:
    for path in PATHS:
        answer = await served.get(path)
        assert answer.status == 200, path
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        kinds = {"json": path.startswith(("/api", "/health", "/ready")), "image/svg": path.endswith(".svg")}
        wanted = next((kind for kind, is_it in kinds.items() if is_it), "text/")
        assert wanted in answer.headers["Content-Type"]


def test_the_routes_are_these_and_no_others(site: Site) -> None:
    routes = application(site, HttpSettings()).router.routes()
    assert {route.resource.canonical for route in routes if route.resource} == {
        *(OF_A_NAME.get(path, path) for path in PATHS),
        *POSTS,
        "/login",
        "/logout",
    }


async def test_an_unknown_path_is_not_found(served: Served) -> None:
    for path in ("/api/v1/events", "/static/../server.py", "/static/%2e%2e/server.py", "/api", "/metrics/"):
        assert (await served.get(path)).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_only_reading_is_allowed(served: Served, method: str) -> None:
    for path in PATHS:
        assert (await served.get(path, method)).status == 405, path
    for path in POSTS:
        assert (await served.get(path, "GET" if method == "POST" else method)).status == 405, path


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:6066", "127.0.0.1.evil.example", "10.0.0.1", "localhost.x"]
)
async def test_a_foreign_host_is_rejected(served: Served, host: str) -> None:
    for path in PATHS:
        answer = await served.get(path, headers={"Host": host})
        assert (answer.status, answer.text) == (403, "unknown Host\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9", "[::1]:6066"])
async def test_this_machine_goes_by_several_names(served: Served, host: str) -> None:
    assert (await served.get("/health", headers={"Host": host})).status == 200


async def test_a_worker_on_this_machine_also_goes_by_its_public_name_and_by_no_other(site: Site) -> None:
    async with served_by(site, HttpSettings(port=0, public_url="https://cx.example:8443")) as served:
        assert (await served.get("/health", headers={"Host": "cx.example:8443"})).status == 200
        assert (await served.get("/health", headers={"Host": "cx.example.evil.example"})).status == 403


async def test_another_sites_page_may_not_read(served: Served) -> None:
    for path in PATHS:
        answer = await served.get(path, headers={"Origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


async def test_with_a_token_everything_demands_it_but_probes_and_what_the_form_needs(site: Site) -> None:
    async with served_by(site, HttpSettings(port=0, token=TOKEN)) as served:
        for path in PATHS:
            wrong: tuple[dict[str, str], ...] = (
                {},
                {"Authorization": f"Bearer {TOKEN}x"},
                {"Authorization": TOKEN},
                {"Authorization": "Bearer é"},
            )
            is_open = path in ("/health", "/ready", "/static/login.css", "/static/icon.svg")
            for headers in wrong:
                answer = await served.get(path, headers=headers)
                assert answer.status in ((200,) if is_open else (401, 429)), path
                assert TOKEN not in answer.text
    async with served_by(site, HttpSettings(port=0, token=TOKEN)) as served:
        for path in PATHS:
            assert (await served.get(path, headers={"Authorization": f"Bearer {TOKEN}"})).status == 200


async def test_errors_carry_the_security_headers_too(site: Site) -> None:
    async with served_by(site, HttpSettings(port=0, token=TOKEN)) as served:
        for answer in (
            await served.get("/"),
            await served.get("/nowhere"),
            await served.get("/", headers={"Host": "x"}),
        ):
            assert answer.status in (401, 403, 404)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_listener_for_others_answers_to_any_name(site: Site) -> None:
    async with served_by(site, HttpSettings(host="0.0.0.0", port=0, token=TOKEN)) as served:
        headers = {"Host": "worker.example", "Authorization": f"Bearer {TOKEN}"}
        assert (await served.get("/metrics", headers=headers)).status == 200


async def test_a_taken_port_is_said_with_the_setting_that_names_it(site: Site) -> None:
    async with serve(site, HttpSettings(port=0)) as port:
        says = f"port {port} of 127.0.0.1 is in use: set CXB_HTTP_PORT"
        with pytest.raises(ConfigurationError, match=says):
            async with serve(site, HttpSettings(port=port)):
                pass


async def test_a_port_that_may_not_be_taken_is_said_too(site: Site) -> None:
    with pytest.raises(ConfigurationError, match=r"port 1234 of 192\.0\.2\.1 cannot be taken"):  # no address of ours
        async with serve(site, HttpSettings(host="192.0.2.1", port=1234, token=TOKEN)):
            pass


async def test_a_body_is_never_read(served: Served) -> None:
    async with aiohttp.ClientSession() as client:
        url = f"http://127.0.0.1:{served.port}/health"
        async with client.get(url, data=b"x" * 100_000) as response:
            assert response.status in (200, 413)
