"""The users of the example have the rights that their jobs need: a view reads its table with the reader's own
(tests/streams/store/test_migrations.py asks the engine)."""

import re
from importlib import resources

from streams.store import migrations
from streams.store.statements import without_comments

EXAMPLE = resources.files("deploy").joinpath("clickhouse/users.sql.example").read_text(encoding="utf-8")
VIEW = re.compile(r"CREATE (?:OR REPLACE )?VIEW (?:IF NOT EXISTS )?(\w+) AS\s+SELECT .*?FROM (\w+)", re.DOTALL)


def granted(user: str, right: str = "SELECT") -> set[str]:
    return set(re.findall(rf"GRANT {right} ON cx\.(\w+) TO {user};", without_comments(EXAMPLE)))


def views() -> dict[str, str]:
    return {name: table for text in migrations.statements() for name, table in VIEW.findall(text)}


def test_whoever_may_read_a_view_may_read_its_table() -> None:
    readable, tables = granted("cx_reader"), views()
    assert readable >= tables.keys(), "a view that nobody may read"
    assert {tables[name] for name in readable & tables.keys()} - readable == set()
