import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import faust
import pytest

from streams.errors import ConfigurationError, CxbError, Unreachable
from streams.kafka.client import (
    connected_admin,
    connected_producer,
    faust_credentials,
    options,
    ssl_context,
    topic_reader,
)
from streams.settings.settings import KafkaSettings
from tests.kafka.broker import KafkaBroker
from tests.kafka.certificates import make_certificates

# aiokafka leaves a socket to the garbage collector when a broker refuses it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SECRET = "secret-word"


@pytest.fixture(scope="module")
def secure(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """A broker that asks for passwords and certificates."""
    broker = KafkaBroker(tmp_path_factory.mktemp("secure"), sasl_ssl=True, libraries=kafka_jars)
    broker.start()
    yield broker
    broker.stop()


def scram(broker: KafkaBroker, **other: Any) -> KafkaSettings:
    settings: dict[str, Any] = {
        "bootstrap_servers": broker.sasl_bootstrap, "security_protocol": "SASL_SSL", "sasl_username": "alice",
        "sasl_password": broker.password, "ssl_cafile": broker.ca_file,
    }  # fmt: skip
    return KafkaSettings(**(settings | other))


async def told_by(settings: KafkaSettings) -> CxbError:
    """The error of who cannot connect, the same from every client."""
    errors = []
    for connect in (connected_admin, connected_producer):
        with pytest.raises(CxbError) as raised:
            await connect(settings)
        errors.append(raised.value)
    with pytest.raises(CxbError) as raised:
        async with topic_reader(settings, "any"):
            pass
    gc.collect()
    assert {(type(error), str(error)) for error in errors} == {(type(raised.value), str(raised.value))}
    assert SECRET not in str(raised.value)
    assert "\n" not in str(raised.value)
    return raised.value


@asynccontextmanager
async def answering(answer: bytes | None) -> AsyncIterator[str]:
    """Something that listens and is no Kafka: it answers with some bytes, or hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.read(64)
            writer.write(answer or b"")
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await server.wait_closed()


async def test_nobody_listening_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    error = await told_by(KafkaSettings(bootstrap_servers=address))
    assert type(error) is Unreachable
    assert f"Kafka at {address} does not answer: start it, or set CXB_KAFKA_BOOTSTRAP_SERVERS" in str(error)


@pytest.mark.parametrize("answer", [None, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\x00\x00\x04\x00\x00\x00\x01"])
async def test_a_port_that_speaks_no_kafka_is_unreachable(answer: bytes | None) -> None:
    async with answering(answer) as address:
        error = await told_by(KafkaSettings(bootstrap_servers=address))
    assert type(error) is Unreachable
    assert f"Kafka at {address} " in str(error)


async def test_a_name_that_nobody_has_is_unreachable() -> None:
    error = await told_by(KafkaSettings(bootstrap_servers="no-such-host.invalid:9092"))
    assert type(error) is Unreachable


@pytest.mark.long
@pytest.mark.kafka
async def test_who_has_the_password_and_trusts_the_authority_is_let_in(secure: KafkaBroker) -> None:
    producer = await connected_producer(scram(secure))
    await producer.stop()


@pytest.mark.long
@pytest.mark.kafka
@pytest.mark.parametrize("other", [{"sasl_password": SECRET}, {"sasl_username": "mallory"}])
async def test_a_wrong_password_or_user_is_a_matter_of_configuration(
    secure: KafkaBroker, other: dict[str, str]
) -> None:
    error = await told_by(scram(secure, **other))
    assert type(error) is ConfigurationError
    assert "check CXB_KAFKA_SASL_USERNAME, CXB_KAFKA_SASL_PASSWORD and CXB_KAFKA_SASL_MECHANISM" in str(error)


@pytest.mark.long
@pytest.mark.kafka
async def test_a_wrong_mechanism_is_a_matter_of_configuration(secure: KafkaBroker) -> None:
    error = await told_by(scram(secure, sasl_mechanism="PLAIN", sasl_password=SECRET))
    assert type(error) is ConfigurationError
    assert "CXB_KAFKA_SASL_MECHANISM" in str(error)


@pytest.mark.kafka
async def test_a_broker_that_another_authority_signed_is_not_trusted(secure: KafkaBroker, tmp_path: Path) -> None:
    other = await asyncio.to_thread(make_certificates, tmp_path / "other")
    error = await told_by(scram(secure, ssl_cafile=other.ca_file))
    assert type(error) is ConfigurationError
    assert "cannot be trusted" in str(error)
    assert "check CXB_KAFKA_SSL_CAFILE and CXB_KAFKA_SECURITY_PROTOCOL" in str(error)


@pytest.mark.kafka
async def test_tls_to_a_listener_without_it_is_reported(secure: KafkaBroker) -> None:
    error = await told_by(scram(secure, bootstrap_servers=secure.bootstrap))
    assert isinstance(error, ConfigurationError | Unreachable)
    assert f"Kafka at {secure.bootstrap}" in str(error)


@pytest.mark.kafka
async def test_a_client_certificate_lets_in_and_its_absence_does_not(secure: KafkaBroker) -> None:
    assert secure.certificates is not None
    credentials: dict[str, Any] = {
        "ssl_certfile": secure.certificates.client_certificate, "ssl_keyfile": secure.certificates.client_key,
    }  # fmt: skip
    there: dict[str, Any] = {
        "bootstrap_servers": secure.ssl_bootstrap, "security_protocol": "SSL", "ssl_cafile": secure.ca_file,
    }  # fmt: skip
    admin = await connected_admin(KafkaSettings(**there, **credentials))
    await admin.close()
    assert isinstance(await told_by(KafkaSettings(**there)), ConfigurationError | Unreachable)


@pytest.mark.parametrize("content", [None, "not a certificate"])
def test_a_certificate_that_cannot_be_read_is_reported(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(ConfigurationError, match="check CXB_KAFKA_SSL_CAFILE, _CERTFILE and _KEYFILE"):
        ssl_context(KafkaSettings(security_protocol="SSL", ssl_cafile=path))


def test_the_options_are_those_of_any_client() -> None:
    arguments = options(KafkaSettings(bootstrap_servers="a:1, b:2"))
    assert arguments == {"bootstrap_servers": ["a:1", "b:2"], "security_protocol": "PLAINTEXT", "ssl_context": None}
    user: dict[str, Any] = {"sasl_username": "alice", "sasl_password": SECRET}
    arguments = options(KafkaSettings(security_protocol="SASL_PLAINTEXT", sasl_mechanism="PLAIN", **user))
    assert (arguments["sasl_mechanism"], arguments["sasl_plain_username"], arguments["sasl_plain_password"]) == (
        "PLAIN",
        "alice",
        SECRET,
    )
    assert arguments["ssl_context"] is None


def test_faust_gets_the_same() -> None:
    user: dict[str, Any] = {"sasl_username": "alice", "sasl_password": SECRET}
    assert faust_credentials(KafkaSettings()) is None
    assert isinstance(faust_credentials(KafkaSettings(security_protocol="SSL")), faust.SSLCredentials)
    credentials = faust_credentials(KafkaSettings(security_protocol="SASL_SSL", **user))
    assert (credentials.username, credentials.password, credentials.mechanism.value) == (
        "alice",
        SECRET,
        "SCRAM-SHA-512",
    )
    assert (credentials.protocol.value, credentials.ssl_context is not None) == ("SASL_SSL", True)
    credentials = faust_credentials(KafkaSettings(security_protocol="SASL_PLAINTEXT", sasl_mechanism="PLAIN", **user))
    assert (credentials.protocol.value, credentials.mechanism.value, credentials.ssl_context) == (
        "SASL_PLAINTEXT",
        "PLAIN",
        None,
    )
