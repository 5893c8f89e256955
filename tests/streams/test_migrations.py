import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from streams import migrations
from streams.errors import ConfigurationError
from streams.store import Store
from tests.streams.conftest import Open
from tests.streams.engine import EngineProcess

TABLES = {
    "events",
    "cells",
    "balances",
    "scorecards",
    "drift",
    "baselines",
    "rejected",
    "refreshes",
    "erased",
    "schema_migrations",
}
VIEWS = {
    "events_latest",
    "cells_latest",
    "balances_latest",
    "scorecards_latest",
    "rejected_latest",
    "drift_latest",
    "baselines_latest",
}


def tables(store: Store) -> set[str]:
    found = store.query("SELECT name FROM system.tables WHERE database = currentDatabase()")
    return {row["name"] for row in found}


def test_every_table_and_view_of_the_contract_is_made(store: Store) -> None:
    assert tables(store) >= TABLES | VIEWS


def test_the_known_versions_count_from_one_without_a_gap() -> None:
    versions = [migration.version for migration in migrations.known()]
    assert versions == list(range(1, len(versions) + 1))
    assert len(versions) >= 3


def test_every_statement_can_be_run_again() -> None:
    safe = re.compile(r"IF NOT EXISTS|CREATE OR REPLACE|IF EXISTS")
    for migration in migrations.known():
        assert migration.statements
        for statement in migration.statements:
            assert safe.search(statement), statement


def test_each_version_is_noted_with_its_name_and_time(store: Store) -> None:
    rows = store.query("SELECT version, name, applied_at FROM schema_migrations FINAL ORDER BY version")
    assert [(row["version"], row["name"]) for row in rows] == [(item.version, item.name) for item in migrations.known()]
    assert all(abs(row["applied_at"] - datetime.now(UTC)) < timedelta(minutes=5) for row in rows)


def test_a_migrated_database_needs_nothing_more(store: Store) -> None:
    assert list(migrations.migrate(store)) == []


def test_a_migration_that_was_cut_off_goes_on_where_it_stopped(store: Store) -> None:
    care = next(migration.version for migration in migrations.known() if migration.name == "care")
    store.command(f"ALTER TABLE schema_migrations DELETE WHERE version = {care} SETTINGS mutations_sync = 2")
    store.command("DROP TABLE erased")
    assert [migration.version for migration in migrations.migrate(store)] == [care]
    assert tables(store) >= TABLES
    assert migrations.applied(store) == {migration.version for migration in migrations.known()}


def test_facts_stay_when_the_migration_is_repeated_from_the_beginning(store: Store) -> None:
    store.insert("erased", ("customer",), (["h"],))
    store.command("TRUNCATE TABLE schema_migrations")
    assert len(list(migrations.migrate(store))) == len(migrations.known())
    assert store.query("SELECT count() AS n FROM erased")[0]["n"] == 1


def test_four_migrations_at_once_give_the_same_tables(engine: EngineProcess, store: Store, open_store: Open) -> None:
    with open_store() as other:
        other.command(f"DROP DATABASE {other.database}", use_database=False)
        with ThreadPoolExecutor(4) as threads:
            running = [threads.submit(lambda: list(migrations.migrate(other))) for _ in range(4)]
            for one in running:
                one.result()
        assert tables(other) == tables(store)
        assert migrations.applied(other) == migrations.applied(store)


def test_a_database_that_does_not_exist_is_told_with_what_to_do(engine: EngineProcess) -> None:
    store = Store(engine.settings("nowhere"))
    with pytest.raises(ConfigurationError, match=r"the tables are missing in database nowhere .*: run cxb migrate"):
        migrations.applied(store)
    store.close()
