import asyncio
import gc
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.helpers import create_ssl_context

from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.kafka.libraries import PROJECT, KafkaUnavailableError, kafka_libraries

pytestmark = pytest.mark.kafka


async def publish(bootstrap: str, topic: str, values: list[bytes], **security: object) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", **security)
    try:
        await producer.start()
        for value in values:
            await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def read(bootstrap: str, topic: str, count: int, **settings: object) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", **settings)
    await consumer.start()
    try:
        async with asyncio.timeout(20):
            return sorted([(await consumer.getone()).value for _ in range(count)])
    finally:
        await consumer.stop()


@pytest.fixture(scope="module")
def secure(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    broker = KafkaBroker(tmp_path_factory.mktemp("secure"), sasl_ssl=True, libraries=kafka_jars)
    broker.start()
    broker.create_topic("secured")
    yield broker
    broker.stop()


def scram(broker: KafkaBroker, password: str) -> dict[str, object]:
    return {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": broker.username,
        "sasl_plain_password": password,
        "ssl_context": create_ssl_context(cafile=str(broker.ca_file)),
    }


async def test_records_come_back_through_a_consumer_group(
    kafka: KafkaBroker, kafka_topic: TopicFactory, fresh_name: Callable[[], str]
) -> None:
    topic = kafka_topic(partitions=3)
    values = [b"%03d" % i for i in range(30)]
    await publish(kafka.bootstrap, topic, values)
    assert await read(kafka.bootstrap, topic, len(values), group_id=fresh_name()) == values


async def test_each_topic_is_fresh_and_has_the_partitions_asked_for(
    kafka: KafkaBroker, kafka_topic: TopicFactory
) -> None:
    one, other = kafka_topic(partitions=1), kafka_topic(partitions=7)
    assert one != other
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    try:
        assert [len(await producer.partitions_for(topic)) for topic in (one, other)] == [1, 7]
    finally:
        await producer.stop()


def test_a_topic_that_exists_is_refused_with_its_name(kafka: KafkaBroker, kafka_topic: TopicFactory) -> None:
    topic = kafka_topic()
    with pytest.raises(RuntimeError, match=topic):
        kafka.create_topic(topic)


@pytest.mark.long
async def test_a_killed_broker_keeps_its_records(kafka_jars: Path, tmp_path: Path) -> None:
    broker = KafkaBroker(tmp_path, libraries=kafka_jars)
    broker.start()
    try:
        broker.create_topic("kept")
        await publish(broker.bootstrap, "kept", [b"before"])
        first = broker.pid
        broker.kill()
        broker.start()
        assert broker.pid != first
        assert await read(broker.bootstrap, "kept", 1) == [b"before"]
    finally:
        broker.stop()


@pytest.mark.long
async def test_scram_over_tls_works(secure: KafkaBroker) -> None:
    access = scram(secure, secure.password)
    await publish(secure.sasl_bootstrap, "secured", [b"scram"], **access)
    assert b"scram" in await read(secure.sasl_bootstrap, "secured", 1, **access)


@pytest.mark.long
async def test_a_wrong_password_is_refused(secure: KafkaBroker, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(KafkaError):
        await publish(secure.sasl_bootstrap, "secured", [b"never"], **scram(secure, "wrong"))
    assert "uthentication failed" in caplog.text


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
async def test_a_client_certificate_is_demanded_and_accepted(secure: KafkaBroker) -> None:
    assert secure.certificates is not None
    ca_file = str(secure.ca_file)
    certified = create_ssl_context(
        cafile=ca_file,
        certfile=str(secure.certificates.client_certificate),
        keyfile=str(secure.certificates.client_key),
    )
    await publish(secure.ssl_bootstrap, "secured", [b"mtls"], security_protocol="SSL", ssl_context=certified)
    anonymous = create_ssl_context(cafile=ca_file)
    with pytest.raises(KafkaError):
        await publish(secure.ssl_bootstrap, "secured", [b"no"], security_protocol="SSL", ssl_context=anonymous)
    gc.collect()  # which warns of the connection that aiokafka leaves open: here, not in a later test


def test_a_broker_dies_with_the_process_that_started_it(kafka_jars: Path, tmp_path: Path) -> None:
    script = f"""
        import time
        from pathlib import Path
        from tests.kafka.broker import KafkaBroker
        broker = KafkaBroker(Path({str(tmp_path)!r}), libraries=Path({str(kafka_jars)!r}))
        broker.launch()
        print(broker.pid, flush=True)
        time.sleep(600)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert running(pid)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(pid)


def running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_machine_without_java_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(KafkaUnavailableError, match="java is not on the PATH; install"):
        kafka_libraries(tmp_path / "cache")
