"""The gateway's port: who gets its metrics, its document, TLS, and what else is asked of it."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from streams.errors import ConfigurationError
from streams.gateway.openapi import gateway_document
from streams.gateway.server import tls_context
from streams.settings.gateway import GatewaySettings
from tests.kafka.certificates import make_certificates
from tests.streams.gateway.conftest import Serve, event

TOKEN = "operator-" + "x" * 16


@pytest.mark.kafka
async def test_health_readiness_document_and_metrics_are_served_and_nothing_else(serve_gateway: Serve) -> None:
    async with serve_gateway() as gateway:
        assert (await gateway.get("/healthz")).body == {"status": "alive"}
        assert (await gateway.get("/readyz")).body == {"ready": True, "reason": ""}
        assert (await gateway.get("/v1/openapi.json")).body == gateway_document()
        assert "cx_gateway_broker_answers" in (await gateway.get("/metrics")).body
        unknown, method = await gateway.get("/v1/nothing"), await gateway.get("/v1/events")
        for answer in (unknown, method, await gateway.get("/healthz")):
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (unknown.status, unknown.body) == (404, {"error": "Not Found"})
    assert (method.status, method.headers["Allow"]) == (405, "OPTIONS,POST")


@pytest.mark.kafka
async def test_metrics_want_the_workers_token_where_one_is_set(
    serve_gateway: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXB_HTTP_TOKEN", TOKEN)
    async with serve_gateway() as gateway:
        assert (await gateway.get("/metrics")).status == 401
        assert (await gateway.get("/metrics", Authorization=f"Bearer {TOKEN[:-1]}")).status == 401
        assert (await gateway.get("/metrics", Authorization=f"Bearer {TOKEN}")).status == 200
        assert (await gateway.get("/readyz")).status == 200


@pytest.mark.kafka
async def test_metrics_are_for_nobody_where_publishers_need_tokens_and_those_who_scrape_have_none(
    serve_gateway: Serve, publishers: Callable[..., str], tmp_path: Path
) -> None:
    token = publishers()
    async with serve_gateway() as gateway:
        assert (await gateway.get("/metrics", **{"X-Forwarded-For": "203.0.113.7"})).status == 403
    async with serve_gateway(publishers=tmp_path / "publishers.toml") as gateway:
        refused = [await gateway.get("/metrics"), await gateway.get("/metrics", Authorization=f"Bearer {token}")]
    assert [answer.status for answer in refused] == [403, 403]
    assert "CXB_HTTP_TOKEN" in refused[0].body["error"]


@pytest.mark.kafka
async def test_with_a_certificate_it_speaks_tls_and_nothing_else(serve_gateway: Serve, tmp_path: Path) -> None:
    made = make_certificates(tmp_path / "tls")
    pem = made.server_pem
    async with serve_gateway(ssl_certfile=pem, ssl_keyfile=pem, ready=False) as gateway:
        trusting = ssl.create_default_context(cafile=str(made.ca_file))
        async with asyncio.timeout(30):
            while True:
                async with gateway.client.get(f"{gateway.url}/readyz", ssl=trusting) as response:
                    if response.status == 200:
                        break
                await asyncio.sleep(0.05)
        async with gateway.client.post(f"{gateway.url}/v1/events", json=event(0), ssl=trusting) as response:
            assert response.status == 202
        with pytest.raises(aiohttp.ClientError):
            await gateway.client.get(gateway.url.replace("https", "http") + "/healthz")


def test_a_certificate_that_cannot_be_used_is_an_error_that_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("nothing")
    for path in (tmp_path / "none.pem", tmp_path / "absent.pem"):
        with pytest.raises(ConfigurationError, match="CXB_GATEWAY_SSL_CERTFILE"):
            tls_context(GatewaySettings(ssl_certfile=path, ssl_keyfile=path))


@pytest.mark.kafka
async def test_a_port_in_use_is_an_error_that_names_the_setting(serve_gateway: Serve) -> None:
    async with serve_gateway() as gateway:
        taken = int(gateway.url.rpartition(":")[2])
        with pytest.raises(ConfigurationError, match=f"port {taken} of 127.0.0.1 is in use: set CXB_GATEWAY_HOST"):
            async with serve_gateway(port=taken):
                pass
