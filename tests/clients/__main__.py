"""`make clients`: each client in each configuration, on a real Kafka and on the embedded broker; prints a table.

Then each program that reads figures, from the embedded store.

`--only NAME` (as often as you like) tries some, `--embedded` leaves out the real Kafka.
"""

import argparse
import asyncio
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.clients.catalogue import BUILT, CLIENTS, HERE, READERS, Client
from tests.clients.reading import filled, read
from tests.clients.trial import Outcome, on_embedded, on_kafka
from tests.kafka.broker import KafkaBroker


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.clients", description=__doc__)
    names = [client.name for client in (*CLIENTS, *READERS)]
    parser.add_argument("--only", action="append", choices=names, help="a client to try; all without this")
    parser.add_argument("--embedded", action="store_true", help="on the embedded broker alone")
    return parser.parse_args(arguments)


def built(client: Client) -> bool:
    """Whether the client could be built, or needs no building; says so where it cannot be."""
    if client.needs and shutil.which(client.needs) is None:
        print(f"{client.name}: skipped, {client.needs} is not on the PATH")
        return False
    for command in client.build:
        subprocess.run(command, cwd=HERE / client.folder, check=True)
    return True


async def attempt(clients: Sequence[Client], directory: Path, kafka: KafkaBroker | None) -> int:
    """Tries all, prints a row for each, and returns how many failed on the embedded broker."""
    failed = tried = 0
    print(f"{'client':14}{'codec':8}{'acks':12}{'real Kafka':24}embedded broker")
    for client in clients:
        for codec, acks in client.configurations():
            real = await on_kafka(client, codec, acks, kafka) if kafka else Outcome(0, 0, "-")
            embedded = await on_embedded(client, codec, acks, directory / f"{client.name}-{codec}-{acks}")
            print(f"{client.name:14}{codec:8}{acks:12}{real!s:24}{embedded}", flush=True)
            tried += 1
            failed += bool(embedded.wrong)
    print(f"{tried - failed} of {tried} configurations work on the embedded broker")
    return failed


async def attempt_reading(readers: Sequence[Client], directory: Path) -> int:
    """Lets each read the same store, prints a row for each, and returns how many failed."""
    failed = 0
    with filled(directory / "store") as address:
        for client in readers:
            wrong = await read(client, address)
            print(f"{client.name:34}{wrong or 'ok'}", flush=True)
            failed += bool(wrong)
    print(f"{len(readers) - failed} of {len(readers)} programs read the embedded store")
    return failed


def main() -> int:
    """Runs it; 1 where a configuration failed on the embedded broker, or a program that reads."""
    options = _options(sys.argv[1:])
    BUILT.mkdir(parents=True, exist_ok=True)
    chosen = [it for it in (*CLIENTS, *READERS) if (not options.only or it.name in options.only) and built(it)]
    clients, readers = [it for it in chosen if it in CLIENTS], [it for it in chosen if it in READERS]
    failed = 0
    with TemporaryDirectory() as directory:
        if clients:
            failed += _publishing(clients, Path(directory), embedded_only=options.embedded)
        if readers:
            failed += asyncio.run(attempt_reading(readers, Path(directory)))
    return 1 if failed else 0


def _publishing(clients: Sequence[Client], directory: Path, *, embedded_only: bool) -> int:
    kafka = None if embedded_only else KafkaBroker(directory / "kafka")
    if kafka:
        kafka.start()
    try:
        return asyncio.run(attempt(clients, directory, kafka))
    finally:
        if kafka:
            kafka.stop()


if __name__ == "__main__":
    sys.exit(main())
