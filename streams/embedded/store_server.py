"""The embedded store's process: `python -m streams.embedded.store_server`.

Configured by the environment alone, because a command line is visible to every user of the machine:
CXB_STORE_DIRECTORY, CXB_STORE_PORT (0 = any), CXB_STORE_USER, CXB_STORE_PASSWORD, and optionally
CXB_STORE_READER_PASSWORD, of the account `cx_reader` that may only read tables, CXB_STORE_MAX_MEMORY_BYTES and
CXB_STORE_MAX_EXECUTION_S for one statement, and CXB_STORE_RESERVE_BYTES, which stay free on the disk.
When it serves it prints one line, `listening on 127.0.0.1:PORT`, to stdout. SIGTERM: it finishes what runs and exits 0.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from streams.embedded.engine import Engine
from streams.embedded.held_ports import listener
from streams.embedded.processes import end_with_parent
from streams.embedded.protocol import ClickHouseError
from streams.embedded.store_app import Credentials, RequestLimits, StoreApp

HOST = "127.0.0.1"
READING_USER = "cx_reader"  # as in server mode
DRAIN_S = 30.0
URL_BYTES = 1 << 20  # a compressed insert carries its statement in the URL
CONFIGURATION, UNREACHABLE = 3, 4  # exit codes


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the environment of the store's process says."""

    directory: Path
    port: int
    credentials: Credentials
    limits: RequestLimits
    reader: Credentials | None = None


def configuration(environment: Mapping[str, str]) -> Configuration:
    """Reads the environment.

    Raises:
        ValueError: something is missing or malformed; the text names each variable.
    """
    needed = ("CXB_STORE_DIRECTORY", "CXB_STORE_USER", "CXB_STORE_PASSWORD")
    missing = [name for name in needed if not environment.get(name)]
    if missing:
        raise ValueError(f"the store needs {', '.join(missing)} in its environment")
    limits = RequestLimits()
    return Configuration(
        directory=Path(environment["CXB_STORE_DIRECTORY"]),
        port=_number(environment, "CXB_STORE_PORT", 0, 65535),
        credentials=Credentials(environment["CXB_STORE_USER"], environment["CXB_STORE_PASSWORD"]),
        reader=Credentials(READING_USER, password)
        if (password := environment.get("CXB_STORE_READER_PASSWORD"))
        else None,
        limits=RequestLimits(
            memory_bytes=_number(environment, "CXB_STORE_MAX_MEMORY_BYTES", limits.memory_bytes, 1 << 50),
            execution_s=_number(environment, "CXB_STORE_MAX_EXECUTION_S", limits.execution_s, 86_400),
            reserve_bytes=_number(environment, "CXB_STORE_RESERVE_BYTES", limits.reserve_bytes, 1 << 50),
        ),
    )


async def serve(config: Configuration) -> None:
    """Opens the engine and serves it until SIGTERM or SIGINT; then finishes what runs and closes the engine.

    Raises:
        ClickHouseError: the data directory cannot be opened.
        OSError: the port is taken.
    """
    engine = Engine(config.directory, config.limits.settings(), config.limits.reserve_bytes)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # After opening: the engine installs handlers of its own.
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    app = StoreApp(engine, config.credentials, config.limits, config.reader)
    runner = web.AppRunner(app.web, access_log=None, shutdown_timeout=DRAIN_S, max_line_size=URL_BYTES)
    try:
        await runner.setup()
        await web.SockSite(runner, listener(config.port)).start()
        print(f"listening on {HOST}:{runner.addresses[0][1]}", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()
        engine.close()


def main() -> int:
    """Runs the store; the exit code is 0, 3 for a bad configuration, 4 when port or data directory cannot be had."""
    end_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        asyncio.run(serve(configuration(os.environ)))
    except ValueError as error:
        print(f"store: {error}", file=sys.stderr)
        return CONFIGURATION
    except (ClickHouseError, OSError) as error:
        print(f"store: cannot serve: {error}", file=sys.stderr)
        return UNREACHABLE
    return 0


def _number(environment: Mapping[str, str], name: str, default: int, highest: int) -> int:
    text = environment.get(name, str(default))
    if not text.isdecimal() or int(text) > highest:
        raise ValueError(f"{name} is {text!r}: give a whole number from 0 to {highest}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
