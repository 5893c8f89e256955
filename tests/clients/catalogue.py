"""Which clients there are, how each is built, and which of its configurations are tried."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
BUILT: Final = HERE.parents[1] / ".cache" / "clients"
PYTHON: Final = HERE.parents[1] / ".venv-clients" / "bin" / "python"
ALL_CODECS: Final = ("none", "gzip", "snappy", "lz4", "zstd")
ACKS: Final = ("0", "1", "all", "idempotent")
"""What a publisher waits for. The last one: all, and that nothing is there twice."""


@dataclass(frozen=True, slots=True)
class Client:
    """A program that publishes or consumes: `run` and then what README.md says. `needs` have to be on the PATH."""

    name: str
    run: Sequence[str]
    needs: str = ""
    build: Sequence[Sequence[str]] = ()
    folder: str = ""
    codecs: Sequence[str] = ALL_CODECS
    acks: Sequence[str] = ACKS

    def configurations(self) -> Iterator[tuple[str, str]]:
        """Codec and acks: each codec with `all`, and each kind of acks with one codec."""
        yield from ((codec, "all") for codec in self.codecs)
        yield from (("gzip", acks) for acks in self.acks if acks != "all")


def _python(module: str, program: Path | str) -> Client:
    return Client(module, (str(program), str(HERE / "python" / f"{module.replace('-', '_')}_client.py")))


def _go(name: str, **what: Sequence[str]) -> Client:
    build = ("go", "build", "-o", str(BUILT / f"go-{name}"), f"./{name}")
    return Client(name, (str(BUILT / f"go-{name}"),), "go", (build,), "go", **what)


def _node(name: str, program: str = "", **what: Sequence[str]) -> Client:
    install = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error")
    return Client(name, ("node", str(HERE / "node" / f"{program or name}.js")), "npm", (install,), "node", **what)


def _java(name: str, program: str) -> Client:
    run = ("java", "-cp", f"{HERE}/java/target/client.jar:{HERE}/java/target/libs/*", program)
    return Client(name, run, "mvn", (("mvn", "-q", "-B", "--strict-checksums", "package"),), "java")


def _reader(name: str, module: str, program: Path | str = PYTHON) -> Client:
    return Client(name, (str(program), str(HERE / "python" / f"read_{module}.py")))


AIOKAFKA: Final = _python("aiokafka", sys.executable)
KCAT: Final = Client("kcat", (str(HERE / "kcat.sh"),), "kcat")
CLIENTS: Final = (
    AIOKAFKA,
    _python("kafka-python", PYTHON),
    _python("confluent", PYTHON),
    KCAT,
    _java("kafka-clients", "Client"),
    _go("franz"),
    _go("sarama"),
    _go("segmentio", acks=("0", "1", "all")),
    _node("kafkajs", codecs=("none", "gzip", "snappy", "lz4")),
    _node("platformatic", codecs=("none", "gzip", "snappy", "lz4")),
    Client(
        "krafka",
        (str(BUILT / "rust" / "debug" / "client"),),
        "cargo",
        (("cargo", "build", "-q", "--target-dir", str(BUILT / "rust")),),
        "rust",
        # With 0, what it has not yet written when it is closed is lost, on a real Kafka in 5 runs of 12 as well.
        acks=("1", "all", "idempotent"),
    ),
)
CONNECT: Final = _reader("clickhouse-connect", "connect", sys.executable)
READERS: Final = (
    CONNECT,
    _reader("sqlalchemy", "sqlalchemy"),
    _reader("pandas", "pandas"),
    _reader("polars", "polars"),
    _node("clickhouse-client", "read"),
    _java("clickhouse-jdbc", "Reader"),
    _go("clickhouse"),
)
"""Programs that read figures, once each: there is nothing to configure."""
