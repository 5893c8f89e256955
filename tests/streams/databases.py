"""Databases on the engine that the tests started, lent to one test after another."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from streams.store.client import Store
from streams.store.migrations import migrate
from tests.streams.engine import EngineProcess

_TABLES = (
    "SELECT name, engine, replaceAll(create_table_query, currentDatabase(), '') AS text FROM system.tables "
    "WHERE database = currentDatabase() ORDER BY name"
)
_VERSIONS = "SELECT version, name, 'version' AS text FROM schema_migrations FINAL ORDER BY version"
_FULL = (
    "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND total_rows > 0"
)
# A row that is added, changed or removed makes a part of another name.
_PARTS = "SELECT table, name, rows FROM system.parts WHERE database = currentDatabase() AND active ORDER BY ALL"
Fill = Callable[[Store], None]


class Databases:
    """Makes migrated databases and empties them after use: emptying one takes a tenth of the time of a new one.

    What many tests begin with stays in a database until a test changes it: most of them only read.
    """

    def __init__(self, engine: EngineProcess) -> None:
        self._engine = engine
        self._free: dict[Fill | None, list[str]] = {}
        self._tables: list[dict[str, Any]] = []

    @contextmanager
    def lent(self, fill: Fill | None = None) -> Iterator[Store]:
        """A migrated database without a row, or with the rows that `fill` lands and none else."""
        store = self._taken(fill)
        try:
            before = parts_of(store) if fill else []
            yield store
            self._back(store, fill if fill and parts_of(store) == before else None)
        finally:
            store.close()

    def _taken(self, fill: Fill | None) -> Store:
        for kind in (fill, None):
            if self._free.get(kind):
                store = Store(self._engine.settings(self._free[kind].pop()))
                break
        else:
            kind, store = None, Store(self._engine.settings(f"t_{uuid4().hex[:12]}"))
            list(migrate(store))
            self._tables = self._tables or tables_of(store)
        if fill is not kind and fill is not None:
            fill(store)
        return store

    def _back(self, store: Store, fill: Fill | None) -> None:
        if tables_of(store) != self._tables:  # the test changed its tables: nobody else shall have them
            store.command(f"DROP DATABASE {store.database}", use_database=False)
            return
        store.command("SYSTEM START MERGES")  # what a test has stopped: nobody could erase anything there
        if fill is None:
            empty(store)
        self._free.setdefault(fill, []).append(store.database)


def tables_of(store: Store) -> list[dict[str, Any]]:
    """The tables and views of a database (name, engine and text), and the versions that it says it has."""
    return [*store.query(_TABLES), *store.query(_VERSIONS)]


def parts_of(store: Store) -> list[dict[str, Any]]:
    """What holds the rows of a database: the same only while no row of it changes."""
    return store.query(_PARTS)


def empty(store: Store) -> None:
    """Leaves no row of the tables but those that record which migrations ran."""
    for table in store.query(_FULL):
        if table["name"] != "schema_migrations":
            store.command(f"TRUNCATE TABLE {table['name']}")
