"""A real engine is stopped, a part of a table is damaged on its disk, and it is started again."""

import logging
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.figures import minutes
from streams.ingest.telemetry import Telemetry
from streams.operations import stored
from streams.registry.file import CompiledRegistry
from streams.store import damage
from streams.store.client import Store
from streams.store.migrations import migrate
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import event, facts_of

PASSWORD = "p" * 16
HALF = 300
SERIES = "cx_store_detached_parts"

Break = Callable[[Path], None]


@contextmanager
def engine_on(directory: Path) -> Iterator[EngineProcess]:
    """A store's process on a directory."""
    variables = {"CXB_STORE_DIRECTORY": str(directory), "CXB_STORE_USER": "cx", "CXB_STORE_PASSWORD": PASSWORD}
    argv = [sys.executable, "-m", "streams.embedded.store_server"]
    with subprocess.Popen(argv, env=os.environ | variables, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield EngineProcess(int(process.stdout.readline().rpartition(":")[2]), PASSWORD)
        process.terminate()


def cut(file: Path) -> None:
    """What a full or failing disk leaves of a file."""
    os.truncate(file, file.stat().st_size // 2)


def lost(file: Path) -> None:
    """A file that a check of the file system took away."""
    file.unlink()


def parts_of(store: Store, table: str) -> list[Path]:
    """Where the parts of a table are on the disk."""
    sql = f"SELECT path FROM system.parts WHERE database = 'cx' AND table = '{table}' AND active ORDER BY name"
    return [Path(row["path"]) for row in store.query(sql)]


@contextmanager
def damaged(
    tmp_path: Path, compiled: CompiledRegistry, breaks: Break, table: str = "events"
) -> Iterator[EngineProcess]:
    """An engine that started on two parts of facts, and cells of them, one part of the table broken."""
    recently = datetime.now(UTC) - timedelta(minutes=30)
    with engine_on(tmp_path) as engine:
        store = Store(engine.settings("cx"))
        list(migrate(store))
        store.command("SYSTEM STOP MERGES")
        for first in (0, HALF):
            store.insert_facts(facts_of([event(first + n, at=recently) for n in range(HALF)], compiled))
        list(minutes.refresh(store, timedelta(seconds=3)))
        part = parts_of(store, table)[0]
        store.close()
    breaks(part / "data.bin" if (part / "data.bin").exists() else next(iter(sorted(part.glob("*.bin")))))
    with engine_on(tmp_path) as engine:
        yield engine


@pytest.mark.parametrize("breaks", [cut, lost])
def test_a_damaged_part_of_the_facts_is_reported_and_nothing_is_rebuilt_from_the_rest(
    tmp_path: Path,
    compiled: CompiledRegistry,
    registry_path: Path,
    caplog: pytest.LogCaptureFixture,
    breaks: Break,
) -> None:
    with damaged(tmp_path, compiled, breaks) as engine:
        store = Store(engine.settings("cx"))
        assert store.query("SELECT count() AS n FROM events FINAL") == [{"n": HALF}]
        before = store.query("SELECT sum(n) AS n FROM cells FINAL")
        found = damage.damaged(store)
        assert found is not None
        assert [(part.table, part.parts) for part in found] == [("events", 1)]
        damage.warn(store)
        assert "facts are missing: restore them from a backup or replay them" in caplog.text
        refused = cxb("rebuild", **environment_of(engine, store, registry_path))
        assert isinstance(refused.exception, ConfigurationError)
        assert "--despite-damage" in str(refused.exception)
        assert store.query("SELECT sum(n) AS n FROM cells FINAL") == before
        done = cxb("rebuild", "--despite-damage", **environment_of(engine, store, registry_path))
        assert done.exit_code == 0, done.output
        assert store.query("SELECT sum(n) AS n FROM cells FINAL") != before
        store.close()


@pytest.mark.long
def test_doctor_fails_and_advises_nothing_that_destroys(tmp_path: Path, compiled: CompiledRegistry) -> None:
    with damaged(tmp_path, compiled, cut) as engine:
        store = Store(engine.settings("cx"))
        checks = [stored.check_parts(store), stored.check_cells(store)]
        assert [check.state for check in checks] == ["failed", "failed"]
        assert "all_" not in checks[0].detail.partition("events (")[0]
        assert "restore" in checks[0].detail
        assert not any("cxb rebuild" in check.detail for check in checks)
        store.close()


def test_damaged_cells_are_computed_again(tmp_path: Path, compiled: CompiledRegistry, registry_path: Path) -> None:
    with damaged(tmp_path, compiled, cut, table="cells") as engine:
        store = Store(engine.settings("cx"))
        check = stored.check_parts(store)
        assert (check.state, "no fact is missing: cxb rebuild" in check.detail) == ("failed", True)
        assert cxb("rebuild", **environment_of(engine, store, registry_path)).exit_code == 0
        assert store.query("SELECT sum(n) AS n FROM cells FINAL") != [{"n": 0}]
        store.close()


def test_the_series_shows_damaged_parts_by_table_and_nan_where_they_cannot_be_read() -> None:
    telemetry = Telemetry()

    def shown() -> dict[str, float | None]:
        return {table: telemetry.registry.get_sample_value(SERIES, {"table": table}) for table in damage.TABLES}

    assert set(shown().values()) == {0}
    telemetry.damaged({"events": 2})
    assert {table for table, parts in shown().items() if parts} == {"events"}
    telemetry.damaged(None)
    assert all(parts is not None and math.isnan(parts) for parts in shown().values())


def test_who_may_not_look_is_told_so_and_nothing_ends(engine: EngineProcess, caplog: pytest.LogCaptureFixture) -> None:
    denied = Store(EngineProcess(engine.port, "a wrong password").settings("default"))
    damage.warn(denied)
    assert "GRANT SELECT ON system.detached_parts" in caplog.text
    assert stored.check_parts(denied).state == "warning"
    assert not damage.facts_are_missing(denied)
    denied.close()


def test_whole_tables_are_reported_as_such(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    damage.warn(store)
    assert stored.check_parts(store).state == "ok"
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_the_tables_of_the_series_are_those_that_there_are(store: Store) -> None:
    sql = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
    assert sorted(row["name"] for row in store.query(sql)) == sorted(damage.TABLES)
