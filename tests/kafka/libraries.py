"""The jars of Apache Kafka, fetched once by Maven into the project's cache."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
PROJECT = Path(__file__).parents[2]
CACHE = PROJECT / ".cache" / "kafka"
FETCH_TIMEOUT_S = 300


class KafkaUnavailableError(RuntimeError):
    """A real Kafka cannot be had here; the message says why and what to do."""


def kafka_libraries(cache: Path = CACHE) -> Path:
    """Returns the directory of jars, fetched at the first call.

    Safe when several processes call it at once: one fetches, the others wait for it. A jar set is complete or absent,
    because it is moved into place only after Maven has succeeded.

    Raises:
        KafkaUnavailableError: java or mvn is missing, or Maven could not fetch.
    """
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise KafkaUnavailableError(f"{program} is not on the PATH; install a JDK (17 or later) and Maven")
    cache.mkdir(parents=True, exist_ok=True)
    libs = cache / "libs"
    wanted = hashlib.sha256(POM.read_bytes()).hexdigest()
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        marker = libs / ".complete"
        if not marker.exists() or marker.read_text() != wanted:
            _fetch(libs, cache / "partial")
            marker.write_text(wanted)
    return libs


def _fetch(libs: Path, partial: Path) -> None:
    """Runs Maven with strict checksums into `partial`, then moves that to `libs`."""
    for old in (libs, partial):
        shutil.rmtree(old, ignore_errors=True)
    command = ["mvn", "-q", "-B", "--strict-checksums", "-f", str(POM), "dependency:copy-dependencies"]
    command += [f"-DoutputDirectory={partial}", "-DincludeScope=runtime"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise KafkaUnavailableError(f"Maven did not fetch Apache Kafka in {FETCH_TIMEOUT_S} s; try again") from None
    if done.returncode:
        output = (done.stdout + done.stderr)[-500:]
        raise KafkaUnavailableError(f"Maven could not fetch Apache Kafka (exit {done.returncode}): {output}")
    partial.rename(libs)
