"""Kafka: connections with their credentials, and the topics we need."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import faust
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    GroupCoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorForGroupError,
    SaslAuthenticationFailed,
    TopicAlreadyExistsError,
    UnsupportedSaslMechanismError,
    for_code,
)
from aiokafka.structs import TopicPartition

from streams.errors import ConfigurationError, Unreachable
from streams.kafka import tolerant
from streams.settings.settings import KafkaSettings

PROBE_TIMEOUT_MS: Final = 5_000
USUAL_REPLICAS: Final = 3
LARGEST_REQUEST: Final = 64 * 1024 * 1024
# Events are small. A topic of ours refuses larger ones at once: no publisher can mean them.
TOPIC_CONFIG: Final = {"max.message.bytes": str(1024 * 1024)}
# Dead letters are sent on whole, with headers on top.
DLQ_CONFIG: Final = {"max.message.bytes": str(2 * 1024 * 1024)}


def options(settings: KafkaSettings) -> dict[str, Any]:
    """Connection arguments for any aiokafka client.

    Raises:
        ConfigurationError: A certificate or key cannot be read.
    """
    arguments: dict[str, Any] = {
        "bootstrap_servers": [server.strip() for server in settings.bootstrap_servers.split(",")],
        "security_protocol": settings.security_protocol,
        "ssl_context": ssl_context(settings),
    }
    if settings.security_protocol.startswith("SASL"):
        arguments |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": settings.sasl_password.get_secret_value(),
        }
    return arguments


def ssl_context(settings: KafkaSettings) -> ssl.SSLContext | None:
    """The TLS context, None where the connection is in the clear.

    Raises:
        ConfigurationError: A certificate or key cannot be read.
    """
    if not settings.security_protocol.endswith("SSL"):
        return None
    try:
        context = ssl.create_default_context(cafile=str(settings.ssl_cafile) if settings.ssl_cafile else None)
        if settings.ssl_certfile and settings.ssl_keyfile:
            context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"cannot use the certificates for Kafka: {error}; check CXB_KAFKA_SSL_CAFILE, _CERTFILE and _KEYFILE"
        ) from error
    return context


def faust_credentials(settings: KafkaSettings) -> Any:
    """The same for faust, None where there is nothing to prove."""
    context = ssl_context(settings)
    if settings.security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password.get_secret_value(),
            ssl_context=context,
            mechanism=settings.sasl_mechanism,
        )
    return faust.SSLCredentials(context) if context else None


async def connected_admin(settings: KafkaSettings) -> AIOKafkaAdminClient:
    """A started admin client; the caller closes it.

    Raises:
        Unreachable: No broker answers.
        ConfigurationError: It rejects our credentials.
    """
    admin = AIOKafkaAdminClient(**options(settings), request_timeout_ms=2 * PROBE_TIMEOUT_MS)
    await _start(admin.start, admin.close, settings)
    return admin


async def connected_producer(settings: KafkaSettings, **more: Any) -> AIOKafkaProducer:
    """A started producer that waits for every replica; the caller stops it.

    Raises:
        Unreachable: No broker answers.
        ConfigurationError: It rejects our credentials.
    """
    producer = AIOKafkaProducer(**options(settings), acks="all", max_request_size=LARGEST_REQUEST, **more)
    await _start(producer.start, producer.stop, settings)
    return producer


async def _start(
    start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]], settings: KafkaSettings
) -> None:
    try:
        await start()
    except BaseException as error:  # cancelled as well: a connection may be open
        await stop()
        if isinstance(error, KafkaError):
            raise await explain(settings, error) from error
        raise


async def explain(settings: KafkaSettings, error: Exception) -> Exception:
    """Why no broker could be used: clients only log it, so a connection of our own finds it out."""
    host, _, port = settings.bootstrap_servers.split(",")[0].strip().rpartition(":")
    chosen: Mapping[str, Any] = {
        name: value for name, value in options(settings).items() if name != "bootstrap_servers"
    }
    try:
        connection = await create_conn(host, int(port or 9092), request_timeout_ms=PROBE_TIMEOUT_MS, **chosen)
    except (AuthenticationFailedError, SaslAuthenticationFailed, UnsupportedSaslMechanismError):
        return ConfigurationError(
            f"Kafka at {settings.bootstrap_servers} rejects user {settings.sasl_username!r}: check "
            "CXB_KAFKA_SASL_USERNAME, CXB_KAFKA_SASL_PASSWORD and CXB_KAFKA_SASL_MECHANISM"
        )
    except ssl.SSLError as failure:
        return ConfigurationError(
            f"Kafka at {settings.bootstrap_servers} cannot be trusted, or does not speak TLS: {failure.reason}; check "
            "CXB_KAFKA_SSL_CAFILE and CXB_KAFKA_SECURITY_PROTOCOL"
        )
    except (TimeoutError, OSError, KafkaError) as failure:
        return Unreachable(
            f"Kafka at {settings.bootstrap_servers} does not answer: start it, or set CXB_KAFKA_BOOTSTRAP_SERVERS "
            f"({failure})"
        )
    connection.close()
    return Unreachable(f"Kafka at {settings.bootstrap_servers} answers, but cannot be used: {error}")


async def ensure_topics(settings: KafkaSettings) -> list[str]:
    """Creates the topics that are missing, where that is allowed; returns their names.

    Raises:
        Unreachable: No broker answers, or it refuses for now.
        ConfigurationError: A topic is missing and may not be created.
    """
    admin = await connected_admin(settings)
    try:
        missing = await missing_topics(admin, settings)
        if missing and not settings.create_topics:
            raise ConfigurationError(
                f"missing topics: {', '.join(missing)}; create them, or let CXB_KAFKA_CREATE_TOPICS be true"
            )
        if missing:
            await _create(admin, settings, missing)
        return missing
    except KafkaError as error:
        raise Unreachable(f"Kafka at {settings.bootstrap_servers} failed: {error!r}") from error
    finally:
        await admin.close()


async def topics_there(settings: KafkaSettings) -> list[str]:
    """The names of all topics of the broker that we may see.

    Raises:
        Unreachable: No broker answers, or it refuses for now.
    """
    admin = await connected_admin(settings)
    try:
        return sorted(await admin.list_topics())
    except KafkaError as error:
        raise Unreachable(f"Kafka at {settings.bootstrap_servers} failed: {error!r}") from error
    finally:
        await admin.close()


async def missing_topics(admin: AIOKafkaAdminClient, settings: KafkaSettings) -> list[str]:
    """Which of our topics do not exist."""
    there = set(await admin.list_topics())
    return [topic for topic in (settings.topic, settings.dlq_topic) if topic not in there]


async def _create(admin: AIOKafkaAdminClient, settings: KafkaSettings, missing: list[str]) -> None:
    brokers = len((await admin.describe_cluster())["brokers"])
    replicas = settings.replication or min(USUAL_REPLICAS, brokers)
    wanted = {
        settings.topic: NewTopic(settings.topic, settings.partitions, replicas, topic_configs=TOPIC_CONFIG),
        settings.dlq_topic: NewTopic(settings.dlq_topic, 1, replicas, topic_configs=DLQ_CONFIG),
    }
    response = await admin.create_topics([wanted[topic] for topic in missing])
    for topic, code, *_ in response.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise Unreachable(f"Kafka did not create the topic {topic}: {error.__name__}")


@asynccontextmanager
async def topic_reader(settings: KafkaSettings, topic: str, **more: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of every partition of a topic in no group, from its beginning unless `more` arguments say otherwise.

    Raises:
        Unreachable: The broker does not answer, or stopped answering.
        ConfigurationError: It rejects our credentials.
    """
    tolerant.install()
    consumer = AIOKafkaConsumer(
        topic,
        **options(settings),
        **{"enable_auto_commit": False, "auto_offset_reset": "earliest", "isolation_level": "read_committed"} | more,
    )
    await _start(consumer.start, consumer.stop, settings)
    try:
        yield consumer
    except KafkaError as error:
        raise Unreachable(f"the topic {topic} could not be read: {error!r}") from error
    finally:
        await consumer.stop()


async def committed(
    admin: AIOKafkaAdminClient, settings: KafkaSettings, partitions: Sequence[TopicPartition]
) -> Mapping[TopicPartition, int]:
    """What the group has committed, without the partitions of which it has committed nothing.

    Raises:
        KafkaError: The broker does not answer.
    """
    try:
        entries = await admin.list_consumer_group_offsets(settings.group, partitions=list(partitions))
    except (GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError):
        # A new broker makes its topic of offsets only at the first request for them.
        return {}
    return {tp: entry.offset for tp, entry in entries.items() if entry.offset >= 0}
