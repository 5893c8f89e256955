"""The statements that runbooks and operations say to run are accepted by the engine, on the tables of today."""

import re
from pathlib import Path

import pytest

from streams.store.client import Store

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = [*sorted((DOCS / "runbooks").glob("*.md")), DOCS / "operations.md"]
WRITTEN = re.compile(r"```sql\n(.*?)```|`((?:SELECT|ALTER)\s[^`]*)`|^sql \"(.*)\"$", re.DOTALL | re.MULTILINE)
STATEMENTS = [
    (page.stem, part.strip())
    for page in PAGES
    for found in WRITTEN.findall(page.read_text())
    for part in "".join(found).split(";")
    if part.strip()
]


@pytest.mark.parametrize(("page", "sql"), STATEMENTS, ids=[f"{page}: {sql[:40]}" for page, sql in STATEMENTS])
def test_a_statement_is_accepted(store: Store, page: str, sql: str) -> None:
    if sql.startswith("SELECT"):
        store.query(sql)
    elif "DETACHED PART" in sql or "ATTACH PART" in sql:
        # There is no such part: what is asked is whether that is all that is wrong.
        assert store.query(f"EXPLAIN AST {sql}")
    else:
        store.command(sql)
