"""Databases on the engine that the tests started, lent to one test after another."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from streams.store.client import Store
from streams.store.migrations import migrate
from tests.streams.engine import EngineProcess

_TABLES = "SELECT name, engine, create_table_query AS text FROM system.tables WHERE database = currentDatabase()"


class Databases:
    """Makes migrated databases and empties them after use: emptying one takes a tenth of the time of a new one."""

    def __init__(self, engine: EngineProcess) -> None:
        self._engine = engine
        self._free: list[str] = []

    @contextmanager
    def lent(self) -> Iterator[Store]:
        """A migrated database without a row."""
        store = Store(self._engine.settings(self._free.pop() if self._free else f"t_{uuid4().hex[:12]}"))
        try:
            list(migrate(store))
            before = tables_of(store)
            yield store
            if tables_of(store) == before:
                empty(store, before)
                self._free.append(store.database)
            else:  # the test changed its tables: nobody else shall have them
                store.command(f"DROP DATABASE {store.database}", use_database=False)
        finally:
            store.close()


def tables_of(store: Store) -> list[dict[str, Any]]:
    """The tables and views of a database: name, engine and text."""
    return store.query(_TABLES)


def empty(store: Store, tables: Iterable[Mapping[str, Any]]) -> None:
    """Leaves no row of the tables but those that record which migrations ran."""
    for table in tables:
        if table["engine"].endswith("MergeTree") and table["name"] != "schema_migrations":
            store.command(f"TRUNCATE TABLE {table['name']}")
