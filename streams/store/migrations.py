"""Migrations: the tables, version by version, from deploy/clickhouse.

Every statement can be run again without harm (IF NOT EXISTS), and a version is noted only after its
statements. So a migration that was cut off goes on where it stopped, and two at once do the same
work twice with the same result.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Final

from streams.store.client import Store
from streams.store.statements import Row, query, statement, without_comments


class AppliedVersion(Row):
    """A version of the tables that a database has."""

    version: int


_DATABASE: Final = statement(__package__, "create_database")
_LEDGER: Final = statement(__package__, "ledger")
_APPLIED: Final = query(__package__, "applied_versions", AppliedVersion)

SHARDED: Final = {"events": "cityHash64(source, event_id)"}
"""Tables spread over a cluster's shards, with what decides the shard: copies of one event must meet, or FINAL shows
both. Every other table is small, and whole on every node."""
_TABLE: Final = re.compile(
    r"CREATE TABLE IF NOT EXISTS (?P<name>\w+)\s(?P<columns>.*?)\n"
    r"ENGINE = (?P<engine>\w*MergeTree)(?:\((?P<of>[^)]*)\))?",
    re.DOTALL,
)
_ELSE: Final = re.compile(r"(?P<what>ALTER TABLE|CREATE (?:OR REPLACE )?VIEW(?: IF NOT EXISTS)?) (?P<name>\w+)")


@dataclass(frozen=True, slots=True)
class Migration:
    """One version of the tables."""

    version: int
    name: str
    statements: tuple[str, ...]


def shipped() -> list[Migration]:
    """The migrations that ship with this version, in order."""
    files = (item for item in resources.files("deploy").joinpath("clickhouse").iterdir() if item.name.endswith(".sql"))
    migrations = []
    for file in sorted(files, key=lambda item: item.name):
        version, _, name = file.name.removesuffix(".sql").partition("_")
        statements = file.read_text(encoding="utf-8").split(";\n")
        migrations.append(Migration(int(version), name, tuple(text.strip() for text in statements if text.strip())))
    return migrations


def applied(store: Store) -> set[int]:
    """The versions that a database has.

    Raises:
        ConfigurationError: There is no such database, or it has none of our tables.
    """
    return {row.version for row in store.fetch(_APPLIED)}


def migrate(store: Store) -> Iterator[Migration]:
    """Creates or upgrades the tables; yields each version when it is in place."""
    store.run(_DATABASE, {"database": store.database}, use_database=False)
    store.run(_LEDGER)
    done = applied(store)
    for migration in shipped():
        if migration.version in done:
            continue
        for text in migration.statements:
            store.command(text)
        store.insert("schema_migrations", ("version", "name"), ([migration.version], [migration.name]))
        yield migration


def statements() -> Iterator[str]:
    """All that makes the tables, from nothing, in order: what `migrate` runs, with the notes of what is in place."""
    yield _LEDGER.text
    for migration in shipped():
        yield from (without_comments(text).strip() for text in migration.statements)
        yield f"INSERT INTO schema_migrations (version, name) VALUES ({migration.version}, '{migration.name}')"  # noqa: S608


def on_cluster(text: str, cluster: str) -> Iterator[str]:
    """One of `statements` as statements for a cluster, whose nodes define the macros {shard} and {replica}.

    Raises:
        ValueError: There is no rule for such a statement.
    """
    where = f"ON CLUSTER '{cluster}'"
    table, other = _TABLE.match(text), _ELSE.match(text)
    if table is not None:
        yield from _tables(table, text[table.end() :], cluster)
    elif other is not None:
        for name in _altered(other, text):
            yield f"{other['what']} {name} {where}{text[other.end() :]}"
    elif text.startswith("INSERT INTO schema_migrations"):
        yield text
    else:
        raise ValueError(f"no rule for a cluster: {text[:80]}")


def _altered(statement: re.Match[str], text: str) -> tuple[str, ...]:
    name = statement["name"]
    if name not in SHARDED or statement["what"] != "ALTER TABLE":
        return (name,)
    # What holds rows first: a column must be there before it is asked for. What asks for them has no such settings.
    return (f"{name}_local",) if "MODIFY SETTING" in text else (f"{name}_local", name)


def _tables(table: re.Match[str], rest: str, cluster: str) -> Iterator[str]:
    name, where, key = table["name"], f"ON CLUSTER '{cluster}'", SHARDED.get(table["name"])
    local, shard = (f"{name}_local", "{shard}") if key else (name, "all")
    engine = f"Replicated{table['engine']}('/clickhouse/tables/{shard}/{{database}}/{{table}}', '{{replica}}'"
    engine += f", {table['of']})" if table["of"] else ")"
    yield f"CREATE TABLE IF NOT EXISTS {local} {where}\n{table['columns']}\nENGINE = {engine}{rest}"
    if key:
        yield (
            f"CREATE TABLE IF NOT EXISTS {name} {where} AS {local}\n"
            f"ENGINE = Distributed('{cluster}', currentDatabase(), '{local}', {key})"
        )
