import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from streams.errors import ConfigurationError
from streams.store import migrations
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.versions import MILLISECOND
from tests.streams.conftest import Open
from tests.streams.engine import EngineProcess

TABLES = {
    "events",
    "cells",
    "day_cells",
    "day_folds",
    "day_snapshots",
    "day_balances",
    "day_repeats",
    "answers",
    "repeat_answers",
    "editions",
    "balances",
    "scorecards",
    "drift",
    "baselines",
    "rejected",
    "refreshes",
    "registry_in_force",
    "unknown_fields",
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
    "registry_latest",
}


def tables(store: Store) -> set[str]:
    tables = store.query("SELECT name FROM system.tables WHERE database = currentDatabase()")
    return {row["name"] for row in tables}


def test_every_table_and_view_of_the_contract_is_made(store: Store) -> None:
    assert tables(store) >= TABLES | VIEWS


def test_the_known_versions_count_from_one_without_a_gap() -> None:
    versions = [migration.version for migration in migrations.shipped()]
    assert versions == list(range(1, len(versions) + 1))
    assert len(versions) >= 3


def test_every_statement_can_be_run_again() -> None:
    # An UPDATE of every row to what follows from the row gives the same again.
    safe = re.compile(r"IF NOT EXISTS|CREATE OR REPLACE|IF EXISTS|UPDATE\n|MODIFY SETTING")
    for migration in migrations.shipped():
        assert migration.statements
        for statement in migration.statements:
            assert safe.search(statement), statement


def test_each_version_is_noted_with_its_name_and_time(store: Store) -> None:
    # Again: a database that is lent may have been made by a test of long ago.
    begun = store_time(store)
    store.command("TRUNCATE TABLE schema_migrations")
    list(migrations.migrate(store))
    rows = store.query("SELECT version, name, applied_at FROM schema_migrations FINAL ORDER BY version")
    assert [(row["version"], row["name"]) for row in rows] == [
        (item.version, item.name) for item in migrations.shipped()
    ]
    assert all(begun - MILLISECOND < row["applied_at"] <= store_time(store) for row in rows)


def test_a_migrated_database_needs_nothing_more(store: Store) -> None:
    assert list(migrations.migrate(store)) == []


def test_a_migration_that_was_cut_off_goes_on_where_it_stopped(store: Store) -> None:
    care = next(migration.version for migration in migrations.shipped() if migration.name == "care")
    store.command(f"ALTER TABLE schema_migrations DELETE WHERE version = {care} SETTINGS mutations_sync = 2")
    store.command("DROP TABLE erased")
    assert [migration.version for migration in migrations.migrate(store)] == [care]
    assert tables(store) >= TABLES
    assert migrations.applied(store) == {migration.version for migration in migrations.shipped()}


def test_facts_stay_when_the_migration_is_repeated_from_the_beginning(store: Store) -> None:
    store.insert("erased", ("customer",), (["h"],))
    store.command("TRUNCATE TABLE schema_migrations")
    assert len(list(migrations.migrate(store))) == len(migrations.shipped())
    assert store.query("SELECT count() AS n FROM erased")[0]["n"] == 1


@pytest.mark.long
def test_four_migrations_at_once_give_the_same_tables(engine: EngineProcess, store: Store, open_store: Open) -> None:
    with open_store() as other:
        other.command(f"DROP DATABASE {other.database}", use_database=False)
        with ThreadPoolExecutor(4) as threads:
            running = [threads.submit(lambda: list(migrations.migrate(other))) for _ in range(4)]
            for future in running:
                future.result()
        assert tables(other) == tables(store)
        assert migrations.applied(other) == migrations.applied(store)


def test_a_database_that_does_not_exist_is_told_with_what_to_do(engine: EngineProcess) -> None:
    store = Store(engine.settings("nowhere"))
    with pytest.raises(ConfigurationError, match=r"the tables are missing in database nowhere .*: run cxb migrate"):
        migrations.applied(store)
    store.close()


def cluster_statements() -> list[str]:
    return [text for statement in migrations.statements() for text in migrations.on_cluster(statement, "main")]


def test_the_printed_statements_make_the_same_tables(store: Store, open_store: Open) -> None:
    with open_store() as other:
        other.command(f"DROP DATABASE {other.database}", use_database=False)
        other.command(f"CREATE DATABASE {other.database}", use_database=False)
        for statement in migrations.statements():
            other.command(statement)
        assert tables(other) == tables(store)
        assert list(migrations.migrate(other)) == []


def test_the_engine_understands_every_statement_for_a_cluster(store: Store) -> None:
    for statement in cluster_statements():
        if not statement.startswith("INSERT"):
            assert store.query(f"EXPLAIN AST {statement}"), statement


def test_on_a_cluster_every_table_and_view_is_made_on_every_node_and_keeps_its_replicas() -> None:
    made = cluster_statements()
    assert all("ON CLUSTER 'main'" in text for text in made if not text.startswith("INSERT"))
    engines = re.findall(r"CREATE TABLE IF NOT EXISTS (\w+) .*?\nENGINE = (\w+)", "\n".join(made), re.DOTALL)
    assert {name.removesuffix("_local") for name, _ in engines} == TABLES
    assert {name for name, engine in engines if not engine.startswith("Replicated")} == {"events"}


def test_copies_of_an_event_meet_on_one_shard_and_all_else_is_on_every_node() -> None:
    made = ";\n".join(cluster_statements())
    spread = "Distributed('main', currentDatabase(), 'events_local', cityHash64(source, event_id))"
    assert spread in made
    assert made.count("Distributed(") == 1
    assert re.findall(r"(\w+) ON CLUSTER 'main'\s[^;]*?tables/\{shard\}/", made, re.DOTALL) == ["events_local"]
    assert (
        "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', ingested_at)"
        in made
    )


def test_a_new_column_of_facts_is_added_where_the_rows_are_and_then_where_they_are_asked_for() -> None:
    added = migrations.on_cluster("ALTER TABLE events ADD COLUMN IF NOT EXISTS x String", "main")
    assert list(added) == [
        "ALTER TABLE events_local ON CLUSTER 'main' ADD COLUMN IF NOT EXISTS x String",
        "ALTER TABLE events ON CLUSTER 'main' ADD COLUMN IF NOT EXISTS x String",
    ]


def test_a_setting_of_the_table_of_facts_is_changed_where_the_rows_are() -> None:
    """A Distributed table has no settings of how parts are written, and refuses the statement."""
    changed = migrations.on_cluster("ALTER TABLE events MODIFY SETTING fsync_after_insert = 1", "main")
    assert list(changed) == ["ALTER TABLE events_local ON CLUSTER 'main' MODIFY SETTING fsync_after_insert = 1"]


def syncs(store: Store) -> dict[str, int]:
    """How often the engine has made the disk write, by what: files, and directories of parts."""
    rows = store.query("SELECT event, value FROM system.events WHERE event IN ('FileSync', 'DirectorySync')")
    return {row["event"]: row["value"] for row in rows}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_what_is_inserted_is_on_the_disk_before_it_counts_as_inserted(store: Store, table: str) -> None:
    """Else a power cut takes it (fsync_after_insert), or the name of its directory (fsync_part_directory)."""
    [column] = store.query(
        f"SELECT name FROM system.columns WHERE database = currentDatabase() AND table = '{table}'"
        " AND default_kind = '' AND type NOT LIKE 'Enum%' ORDER BY position LIMIT 1"
    )
    before = syncs(store)
    store.command(f"INSERT INTO {table} ({column['name']}) VALUES (DEFAULT)")
    after = syncs(store)
    assert after["FileSync"] > before.get("FileSync", 0)
    assert after["DirectorySync"] > before.get("DirectorySync", 0)


def test_what_is_merged_is_on_the_disk_before_what_it_replaces_goes(store: Store) -> None:
    for customer in ("a", "b"):
        store.insert("erased", ("customer",), ([customer],))
    before = syncs(store)
    store.command("OPTIMIZE TABLE erased FINAL")
    after = syncs(store)
    assert after["FileSync"] > before["FileSync"]
    assert after["DirectorySync"] > before["DirectorySync"]


@pytest.mark.parametrize(
    "table",
    ["cells", *(pytest.param(name, marks=pytest.mark.long) for name in ("day_cells", "answers", "repeat_answers"))],
)
def test_a_month_in_which_nothing_lands_any_more_becomes_one_part_by_itself(store: Store, table: str) -> None:
    """FINAL merges several parts of a month at each reading, and sums each month apart."""
    day, before, after = ("day", [4], [1]) if table == "day_cells" else ("minute", [2, 2], [1, 1])
    for month in (1, 2):
        for touchpoint in ("a", "b"):
            store.command(f"INSERT INTO {table} ({day}, touchpoint) VALUES ('2025-0{month}-01', '{touchpoint}')")
    assert parts(store, table) == before  # an hour from now they are one
    store.command(f"ALTER TABLE {table} MODIFY SETTING min_age_to_force_merge_seconds = 1")
    until = time.monotonic() + 60
    while parts(store, table) != after:
        assert time.monotonic() < until, parts(store, table)
        time.sleep(0.2)


def parts(store: Store, table: str) -> list[int]:
    """How many parts each month of a table has; folded days are all in one."""
    rows = store.query(
        f"SELECT count() AS n FROM system.parts WHERE active AND database = currentDatabase() AND table = '{table}'"
        " GROUP BY partition ORDER BY partition"
    )
    return [row["n"] for row in rows]


def test_a_statement_without_a_rule_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="no rule for a cluster: OPTIMIZE TABLE"):
        list(migrations.on_cluster("OPTIMIZE TABLE events", "main"))


def test_what_earlier_versions_kept_of_rejected_events_is_masked(store: Store) -> None:
    columns = ("reason", "detail", "topic", "partition", "offset", "payload", "fingerprint", "customer")
    before = [
        ("bad_value", "touchpoint 'anna@x.it' must be a dotted id", "t", 0, 1, "anna@x.it", 1, ""),
        ("not_json", "not UTF-8 at byte 0", "t", 0, 2, "a\x00n\x00n\x00a", 2, ""),
        ("bad_type", "", "t", 0, 3, "", 3, "0123abcd-" + "0" * 32),
    ]
    store.insert("rejected", columns, [list(column) for column in zip(*before, strict=True)])
    masking = next(migration for migration in migrations.shipped() if migration.name == "customer_keys")
    for _ in range(2):
        for statement in masking.statements:
            store.command(statement)
        rows = store.query("SELECT detail, payload, customer FROM rejected_latest ORDER BY offset")
        assert [tuple(row.values()) for row in rows] == [
            ("rejected by an earlier version, whose detail is not kept",
             "<not shown: rejected by an earlier version>", ""),
            ("not UTF-8 at byte 0", "<not shown: rejected by an earlier version>", ""),
            ("", "", "0123abcd-" + "0" * 32),
        ]  # fmt: skip


def test_a_view_reads_its_table_with_the_rights_of_whoever_asks(store: Store) -> None:
    """What deploy/clickhouse/users.sql.example grants rests on this."""
    [row] = store.query("SELECT value FROM system.settings WHERE name = 'default_normal_view_sql_security'")
    assert row == {"value": "INVOKER"}
    views = store.query(
        "SELECT create_table_query AS made FROM system.tables WHERE engine = 'View' AND database = currentDatabase()"
    )
    assert len(views) >= len(VIEWS)
    assert [row["made"] for row in views if "DEFINER" in row["made"]] == []
