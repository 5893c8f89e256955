"""Programs that read figures: a store of 3,000 recorded balances, and what each program must print of them."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Final

from streams.settings.settings import ClickHouseSettings
from streams.store.client import Store
from streams.store.migrations import migrate
from tests.clients.catalogue import Client
from tests.clients.trial import Failed, run

PASSWORD: Final = "reads only"
DATABASE: Final = "cx"
DEPARTMENT: Final = "it's sales"
MINUTES: Final = 1_500
METRICS: Final = ("csat", "nps")
_START: Final = datetime(2026, 11, 20, tzinfo=UTC)
_COLUMNS: Final = ("at", "view", "department", "metric", "term", "horizon", "value", "n", "n_eff", "edition")


@contextmanager
def filled(directory: Path) -> Iterator[str]:
    """A store with balances of two departments, as a process of its own: gives its address, HOST:PORT."""
    login = {"CXB_STORE_USER": "cx", "CXB_STORE_PASSWORD": "writes", "CXB_STORE_READER_PASSWORD": PASSWORD}
    environment = os.environ | login | {"CXB_STORE_DIRECTORY": str(directory)}
    with (directory.parent / "store.log").open("wb") as log:
        argv = [sys.executable, "-m", "streams.embedded.store_server"]
        process = Popen(argv, env=environment, stdout=PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        settings = ClickHouseSettings(url=f"http://{address}", user="cx", password="writes", database=DATABASE)
        with closing(Store(settings)) as store:
            list(migrate(store))
            rows = [_row(who, number) for who in (DEPARTMENT, "it") for number in _numbers()]
            store.insert("balances", _COLUMNS, list(zip(*rows, strict=True)))
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=30)


def expected() -> list[str]:
    """The lines that a program must print: an instant (Unix, in ms), a metric, its value and a number, with tabs."""
    lines = []
    for number in _numbers():
        at, *_, value, n, _, _ = _row(DEPARTMENT, number)
        assert isinstance(at, datetime)
        text = "" if value is None else f"{value:.3f}"
        lines.append(f"{at.timestamp() * 1000:.0f}\t{_metric(number)}\t{text}\t{n}")
    return lines


async def read(client: Client, address: str) -> str:
    """What was wrong when a program read; empty if nothing was."""
    try:
        lines = await run([*client.run, address, DATABASE, DEPARTMENT], "", READER_PASSWORD=PASSWORD)
    except Failed as failure:
        return str(failure)
    wrong = [(seen, due) for seen, due in zip(lines.splitlines(), expected(), strict=False) if seen != due]
    if wrong or len(lines.splitlines()) != len(expected()):
        return f"{len(lines.splitlines())} rows of {len(expected())}, {len(wrong)} of them wrong: {wrong[:1]}"
    return ""


def _numbers() -> range:
    return range(MINUTES * len(METRICS))


def _metric(number: int) -> str:
    return METRICS[number % len(METRICS)]


def _row(department: str, number: int) -> list[object]:
    at = _START + timedelta(minutes=number // len(METRICS), milliseconds=number // len(METRICS) % 7)
    value = None if number % 11 == 0 else number / 8
    return [at, "as_was", department, _metric(number), "short", "short", value, number << 33, number / 2, 2]
