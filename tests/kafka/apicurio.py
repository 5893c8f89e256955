"""A real schema registry with Confluent's API, Apicurio Registry in memory: fetched once by Maven, a child process."""

import fcntl
import json
import shutil
import socket
import subprocess
import tarfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.kafka.libraries import PROJECT, KafkaUnavailableError

VERSION = "2.6.13.Final"  # the newest that runs on Java 17
ARTIFACT = f"io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"
CACHE = PROJECT / ".cache" / "apicurio"
FETCH_TIMEOUT_S, READY_TIMEOUT_S = 300, 120.0


def registry_jar() -> Path:
    """The program, unpacked into the project's cache by the first of the processes that want it.

    Raises:
        KafkaUnavailableError: java or mvn is missing, or Maven could not fetch.
    """
    if shutil.which("java") is None or shutil.which("mvn") is None:
        raise KafkaUnavailableError("java or mvn is not on the PATH; install a JDK (17 or later) and Maven")
    CACHE.mkdir(parents=True, exist_ok=True)
    home = CACHE / VERSION
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            _fetch(home)
    return home / f"apicurio-registry-app-{VERSION}-runner.jar"


def _fetch(home: Path) -> None:
    partial = CACHE / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    command = ["mvn", "-q", "-B", "--strict-checksums", "dependency:copy", f"-Dartifact={ARTIFACT}"]
    done = subprocess.run(
        [*command, f"-DoutputDirectory={partial}"], capture_output=True, text=True, timeout=FETCH_TIMEOUT_S, check=False
    )
    if done.returncode:
        raise KafkaUnavailableError(f"Maven could not fetch Apicurio: {(done.stdout + done.stderr)[-500:]}")
    (packed,) = partial.glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        archive.extractall(partial / "unpacked", filter="data")
    (partial / "unpacked").rename(home)
    shutil.rmtree(partial)


class Apicurio:
    """A running registry; `url` is that of Confluent's API."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/apis/ccompat/v7"

    def register(self, subject: str, schema: Any, kind: str = "AVRO", references: Sequence[Any] = ()) -> int:
        """Registers a schema; its id."""
        text = schema if isinstance(schema, str) else json.dumps(schema)
        body = {"schema": text, "schemaType": kind, "references": list(references)}
        request = urllib.request.Request(
            f"{self.url}/subjects/{subject}/versions", json.dumps(body).encode(),
            {"Content-Type": "application/vnd.schemaregistry.v1+json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(json.load(response)["id"])


@contextmanager
def apicurio(log: Path) -> Iterator[Apicurio]:
    """A registry until the block ends; it writes its log there."""
    jar = registry_jar()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = [f"-Dquarkus.http.port={port}", "-Dquarkus.http.host=127.0.0.1", "-Xmx300m"]
    with log.open("wb") as output:
        process = subprocess.Popen(["java", *settings, "-jar", str(jar)], stdout=output, stderr=output, cwd=jar.parent)
    registry = Apicurio(port)
    try:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not _answers(registry.url):
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.5)
        yield registry
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/schemas/types", timeout=5) as response:
            return bool(response.read())
    except OSError:
        return False
