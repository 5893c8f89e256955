"""A real Apache Kafka broker, one node in KRaft mode, as a child process of the tests."""

import asyncio
import base64
import ctypes
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from tests.kafka.certificates import Certificates, make_certificates
from tests.kafka.libraries import kafka_libraries

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
_CLUSTER_ID = base64.urlsafe_b64encode(b"cx-balance-tests").decode().rstrip("=")
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)  # loaded before any fork

T = TypeVar("T")


class KafkaBroker:
    """One broker with its log directory, which outlives stop, kill and start.

    Start it from a thread that lives as long as the broker shall: Linux ties its life to the thread that forked it.
    """

    username = "alice"

    def __init__(
        self,
        directory: Path,
        *,
        sasl_ssl: bool = False,
        proxied_as: int | None = None,
        heap_mb: int = 512,
        libraries: Path | None = None,
    ) -> None:
        """Prepares a broker; nothing runs before `start`.

        Args:
            directory: an empty or new directory for logs, settings and certificates.
            sasl_ssl: also listen for SCRAM-SHA-512 over TLS, and for TLS with client certificates.
            proxied_as: also listen on `proxied_port`, and tell who comes in there that this is the broker's port.
            heap_mb: Java's heap.
            libraries: the jars; the project's cache by default.
        """
        self._directory = directory
        self._libraries = libraries or kafka_libraries()
        self._process: subprocess.Popen[bytes] | None = None
        self._port, self.controller_port, self._sasl_port, self._ssl_port, self.proxied_port = _free_ports(5)
        self._proxied_as, self._heap_mb = proxied_as, heap_mb
        self.password = base64.urlsafe_b64encode(os.urandom(12)).decode()
        directory.mkdir(parents=True, exist_ok=True)
        self.certificates: Certificates | None = make_certificates(directory / "tls") if sasl_ssl else None
        self._settings = directory / "server.properties"
        self.configure({})

    @property
    def bootstrap(self) -> str:
        """Address of the plain listener."""
        return f"127.0.0.1:{self._port}"

    @property
    def sasl_bootstrap(self) -> str:
        """Address of the SASL_SSL listener (with `sasl_ssl` only)."""
        return f"127.0.0.1:{self._sasl_port}"

    @property
    def ssl_bootstrap(self) -> str:
        """Address of the listener that demands a client certificate (with `sasl_ssl` only)."""
        return f"127.0.0.1:{self._ssl_port}"

    @property
    def ca_file(self) -> Path:
        """The authority that signed the broker's certificate (with `sasl_ssl` only)."""
        if self.certificates is None:
            raise RuntimeError("this broker has no TLS listener; make it with sasl_ssl=True")
        return self.certificates.ca_file

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        if self._process is None:
            raise RuntimeError("the broker is not running; call start()")
        return self._process.pid

    def configure(self, more: Mapping[str, str]) -> None:
        """Sets settings on top of the usual ones, from the next start on."""
        self._settings.write_text("".join(f"{key}={value}\n" for key, value in {**self._properties(), **more}.items()))

    def start(self) -> None:
        """Starts the broker and returns once it has answered a metadata request.

        Raises:
            RuntimeError: it died or did not answer in time; the message carries the end of its log.
        """
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Starts the broker without waiting for it."""
        if self._process is not None:
            raise RuntimeError(f"the broker is running already (pid {self._process.pid})")
        if not (self._directory / "logs" / "meta.properties").exists():
            self._format()
        java = self._java("-Xms128m", f"-Xmx{self._heap_mb}m", "-XX:+UseSerialGC")
        command = [*java, "kafka.Kafka", str(self._settings)]
        with (self._directory / "kafka.log").open("ab") as log:
            # The hook is safe beside threads: it makes two system calls and takes no lock.
            hook = _die_with(os.getpid())
            self._process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=hook)  # noqa: PLW1509

    def wait_until_ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Blocks until a metadata request is answered; safe in any thread."""
        deadline = time.monotonic() + timeout_s
        while not (_listens(self._port) and _blocking(self._answers())):
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"Kafka died while starting: {self._log_tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Kafka gave no metadata within {timeout_s:g} s: {self._log_tail()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Shuts the broker down in order (SIGTERM)."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the broker as a power cut would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stops the broker and starts it on the same logs and ports."""
        self.stop()
        self.start()

    def create_topic(
        self, name: str, partitions: int = 1, config: Mapping[str, str] | None = None, replicas: int = 1
    ) -> None:
        """Creates a topic; safe inside a running event loop.

        Raises:
            RuntimeError: the broker refused.
        """
        _blocking(self._create_topic(NewTopic(name, partitions, replicas, topic_configs=dict(config or {}))))

    async def _create_topic(self, topic: NewTopic) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            response = await admin.create_topics([topic])
        finally:
            await admin.close()
        for name, code, *message in response.topic_errors:
            if code:
                raise RuntimeError(f"Kafka refused to create topic {name}: error {code} {message}")

    async def _answers(self) -> bool:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=2000)
        try:
            await admin.start()
            return len((await admin.describe_cluster())["brokers"]) > 0
        except KafkaError:
            return False
        finally:
            await admin.close()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.send_signal(how)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError(f"Kafka ignored {how.name} for {STOP_TIMEOUT_S:g} s: {self._log_tail()}") from None

    def _format(self) -> None:
        """Gives the log directory its cluster id and, with `sasl_ssl`, the SCRAM user."""
        command = [*self._java("-Xmx128m"), "kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID]
        command += ["-c", str(self._settings)]
        if self.certificates:
            command += ["--add-scram", f"SCRAM-SHA-512=[name={self.username},password={self.password}]"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=READY_TIMEOUT_S, check=False)
        if done.returncode:
            raise RuntimeError(f"Kafka could not format {self._directory}: {done.stdout}{done.stderr}")

    def _java(self, *options: str) -> list[str]:
        return ["java", *options, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{self._libraries}/*"]

    def _log_tail(self) -> str:
        log = self._directory / "kafka.log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else "(no log)"

    def _properties(self) -> dict[str, str]:
        listeners, clear = {"PLAINTEXT": self._port}, {"CONTROLLER": self.controller_port}
        if self.certificates:
            listeners |= {"SASL_SSL": self._sasl_port, "SSL": self._ssl_port}
        if self._proxied_as:
            clear["PROXIED"] = self.proxied_port
        advertised = listeners | ({"PROXIED": self._proxied_as} if self._proxied_as else {})
        protocols = {name: name for name in listeners} | dict.fromkeys(clear, "PLAINTEXT")
        properties = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "listeners": _addresses(listeners | clear),
            "advertised.listeners": _addresses(advertised),
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": ",".join(f"{name}:{how}" for name, how in protocols.items()),
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(self._directory / "logs"),
            "auto.create.topics.enable": "false",
            # A killed broker may register again only after its old session ends: 9 s by default.
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "1000",
            # Backfilled records have old timestamps: half a minute after its start it would remove them, read or not.
            "log.retention.ms": "-1",
            "log.cleaner.backoff.ms": "500",  # how soon compacted topics are compacted
        }
        return properties | (_tls_properties(self.certificates) if self.certificates else {})


def _addresses(ports: Mapping[str, int]) -> str:
    return ",".join(f"{name}://127.0.0.1:{port}" for name, port in ports.items())


def _tls_properties(certificates: Certificates) -> dict[str, str]:
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(certificates.server_pem),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(certificates.ca_file),
        "listener.name.ssl.ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
    }


def _blocking(work: Coroutine[None, None, T]) -> T:
    """Runs a coroutine to its end on a loop of its own, whether or not the caller is inside one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _die_with(parent: int) -> Callable[[], None]:
    """A hook for the forked child: the kernel kills it when its parent dies, even by SIGKILL."""

    def before_exec() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the parent died before the line above took effect
            os._exit(1)

    return before_exec


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_ports(count: int) -> list[int]:
    """Ports below the range of outgoing connections, so that none is taken while the broker is down."""
    candidates = random.SystemRandom().sample(range(20_000, 32_000), 200)
    return [port for port in candidates if _bindable(port)][:count]


def _bindable(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
