"""The SQL in the documents is understood by the engine, and what it selects is there."""

import pytest

from streams.store.client import Store
from tests.documents import Block, blocks


@pytest.mark.parametrize("block", blocks("sql"), ids=str)
def test_the_engine_understands_the_sql_of_a_document(block: Block, store: Store) -> None:
    statements = [statement.strip() for statement in block.text.split(";") if statement.strip()]
    assert statements
    for statement in statements:
        assert store.query(f"EXPLAIN AST {statement}"), statement
        if statement.startswith("SELECT"):
            assert store.query(f"EXPLAIN PLAN {statement}"), statement
