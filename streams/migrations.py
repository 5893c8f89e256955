"""Migrations: the tables, version by version, from deploy/clickhouse.

Every statement can be run again without harm (IF NOT EXISTS), and a version is noted only after its
statements. So a migration that was cut off goes on where it stopped, and two at once do the same
work twice with the same result.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from streams.store import Store

_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations
(
    version UInt32,
    name String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY version
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One version of the tables."""

    version: int
    name: str
    statements: tuple[str, ...]


def known() -> list[Migration]:
    """The migrations that ship with this version, in order."""
    files = (item for item in resources.files("deploy").joinpath("clickhouse").iterdir() if item.name.endswith(".sql"))
    found = []
    for file in sorted(files, key=lambda item: item.name):
        version, _, name = file.name.removesuffix(".sql").partition("_")
        statements = file.read_text(encoding="utf-8").split(";\n")
        found.append(Migration(int(version), name, tuple(text.strip() for text in statements if text.strip())))
    return found


def applied(store: Store) -> set[int]:
    """The versions that a database has.

    Raises:
        ConfigurationError: There is no such database, or it has none of our tables.
    """
    return {row["version"] for row in store.query("SELECT DISTINCT version FROM schema_migrations")}


def migrate(store: Store) -> Iterator[Migration]:
    """Creates or upgrades the tables; yields each version when it is in place."""
    store.command(f"CREATE DATABASE IF NOT EXISTS {store.database}", use_database=False)
    store.command(_LEDGER)
    done = applied(store)
    for migration in known():
        if migration.version in done:
            continue
        for statement in migration.statements:
            store.command(statement)
        store.insert("schema_migrations", ("version", "name"), ([migration.version], [migration.name]))
        yield migration
