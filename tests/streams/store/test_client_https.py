"""The store over HTTPS: the real engine behind a real TLS end, with the right authority, a wrong one and none."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.settings.settings import ClickHouseSettings
from streams.store.client import Store
from tests.kafka.certificates import Certificates, make_certificates
from tests.streams.engine import EngineProcess


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


async def _copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: tuple[bytes, bytes] = (b"", b"")
) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data.replace(*host) if host[0] else data)
            await writer.drain()
    finally:
        writer.close()


@asynccontextmanager
async def tls_end(port: int, certificates: Certificates) -> AsyncIterator[int]:
    """A TLS end before a port, as a load balancer is; its own port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server_pem)

    served: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        # The store asks who it is taken for, so the name is put right, as reverse proxies do.
        outer_port = writer.get_extra_info("sockname")[1]
        host = b"Host: 127.0.0.1:%d\r\n" % outer_port, b"Host: 127.0.0.1:%d\r\n" % port
        await asyncio.gather(_copy(reader, inner_writer, host), _copy(inner_reader, writer), return_exceptions=True)

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.add(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
    for task in served:
        task.cancel()
    await asyncio.gather(*served, return_exceptions=True)


async def answer(engine: EngineProcess, port: int, **more: object) -> object:
    settings = engine.settings("default").model_copy(update={"url": f"https://127.0.0.1:{port}", **more})
    store = Store(ClickHouseSettings.model_validate(settings.model_dump()))
    try:
        return await asyncio.to_thread(store.query, "SELECT 1 AS n")
    finally:
        store.close()


async def test_the_right_authority_lets_the_store_in(engine: EngineProcess, certificates: Certificates) -> None:
    async with tls_end(engine.port, certificates) as port:
        assert await answer(engine, port, ca_file=certificates.ca_file) == [{"n": 1}]


async def test_another_authority_and_none_at_all_are_told_in_one_sentence(
    engine: EngineProcess, certificates: Certificates, tmp_path: Path
) -> None:
    other = make_certificates(tmp_path / "other")
    async with tls_end(engine.port, certificates) as port:
        for ca_file in (other.ca_file, None):
            with pytest.raises(
                ConfigurationError, match=r"cannot be trusted: .* set CXB_CLICKHOUSE_CA_FILE$"
            ) as raised:
                await answer(engine, port, ca_file=ca_file)
            assert f"https://127.0.0.1:{port}" in str(raised.value)
            assert engine.settings("x").password.get_secret_value() not in str(raised.value)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")  # the library's own warning, to users who chose it
async def test_an_unchecked_certificate_is_only_taken_when_told_so(
    engine: EngineProcess, certificates: Certificates
) -> None:
    async with tls_end(engine.port, certificates) as port:
        assert await answer(engine, port, verify=False) == [{"n": 1}]
