"""Answers to statements and questions that prove nothing, from a real proxy in front of the real engine.

With the code before `prove_statement` and `prove_result` an exception in the body, and an answer to another query,
counted as done: the tests were seen to fail on it with "DID NOT RAISE StoreUnavailable".
"""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from streams.figures import minutes
from streams.operations.erase import erase_from_store
from streams.registry.file import CompiledRegistry
from streams.store.client import Store, StoreUnavailable
from streams.store.migrations import migrate, shipped
from tests.faults.proxy import Proxy
from tests.streams.engine import EngineProcess
from tests.streams.false_answers import (
    FOREIGN,
    MARKED,
    STATEMENTS,
    TAG,
    TOO_MANY_PARTS,
    Reply,
    engines,
    reply,
    to_texts,
)
from tests.streams.given import event, facts_of

TABLE = "CREATE TABLE IF NOT EXISTS other (a UInt8, b UInt8 DEFAULT 0) ENGINE = MergeTree ORDER BY a"
ROWS_LEFT = "SELECT count() AS n FROM other"
COLUMNS = "SELECT count() AS n FROM system.columns WHERE database = currentDatabase() AND table = 'other'"
TABLES = "SELECT count() AS n FROM system.tables WHERE database = currentDatabase() AND name = 'third'"
PARTS = "SELECT count() AS n FROM system.parts WHERE database = currentDatabase() AND table = 'other' AND active"

KINDS = {
    "INSERT SELECT": ("INSERT INTO other (a) SELECT number FROM numbers(3)", ROWS_LEFT, (2, 5)),
    "ALTER DELETE": ("ALTER TABLE other DELETE WHERE a = 100 SETTINGS mutations_sync = 2", ROWS_LEFT, (2, 1)),
    "ALTER UPDATE": (
        "ALTER TABLE other UPDATE b = 1 WHERE a = 100 SETTINGS mutations_sync = 2",
        "SELECT sum(b) AS n FROM other",
        (0, 1),
    ),
    "DELETE": ("DELETE FROM other WHERE a = 100", ROWS_LEFT, (2, 1)),
    "ALTER ADD COLUMN": ("ALTER TABLE other ADD COLUMN IF NOT EXISTS c UInt8", COLUMNS, (2, 3)),
    "CREATE TABLE": ("CREATE TABLE IF NOT EXISTS third (a UInt8) ENGINE = MergeTree ORDER BY a", TABLES, (0, 1)),
    "CREATE VIEW": ("CREATE VIEW IF NOT EXISTS third AS SELECT 1 AS a", TABLES, (0, 1)),
    "OPTIMIZE": ("OPTIMIZE TABLE other FINAL", PARTS, (2, 1)),
    "TRUNCATE": ("TRUNCATE TABLE other", ROWS_LEFT, (2, 0)),
}
"""Statements, what shows their effect, and what it is before and after."""


LIES = ("an exception in the body", "a different query id")
"""What an engine was seen to answer, and another's answer; all others are left to `make test-long`."""


@pytest.mark.parametrize(
    "lie", [lie if lie in LIES else pytest.param(lie, marks=pytest.mark.long) for lie in STATEMENTS]
)
def test_a_statement_counts_as_done_only_by_the_engines_own_answer(lie: str, between: tuple[Store, Proxy]) -> None:
    (store, proxy), (made, text) = between, STATEMENTS[lie]
    for kind, (sql, effect, (before, after)) in KINDS.items():
        store.command("DROP TABLE IF EXISTS third")
        store.command("DROP TABLE IF EXISTS other")
        store.command(TABLE)
        for number in (100, 101):
            store.insert("other", ["a"], [[number]])
        proxy.behaviour.answer = to_texts(sql, made)
        with pytest.raises(StoreUnavailable, match=text):
            store.command(sql)
        proxy.heal()
        assert store.query(effect) == [{"n": before}], kind
        store.command(sql)
        assert store.query(effect) == [{"n": after}], kind


def test_a_result_of_a_statement_without_one_is_no_proof(store: Store) -> None:
    # As nodes of a cluster, or anything else, that answers with a table.
    with pytest.raises(StoreUnavailable, match=r"should be empty: HTTP 200, .*'1'"):
        store.command("SELECT 1")


BLOCK = b"\x01\x01\x01n\x06UInt64" + (7).to_bytes(8, "little")
ONE, TWO, NONE = {"result_rows": 1}, {"result_rows": 2}, {"result_rows": 0}
RESULTS: dict[str, tuple[Reply, str]] = {
    **FOREIGN,
    "a result of a different query": (lambda _: engines("b2b9c0f4", BLOCK, ONE), "has a different query id"),
    "nothing, of a result with rows": (lambda query_id: engines(query_id, counts=TWO), "0 rows of the result came, of"),
    "nothing, and no number of rows": (engines, "does not report how many rows the result"),
    "nothing, and no summary": (lambda query_id: reply(X_ClickHouse_Query_Id=query_id), "does not report how many"),
    "the first block": (lambda query_id: engines(query_id, BLOCK, TWO), "1 rows of the result came, of 2"),
    "more rows": (lambda query_id: engines(query_id, BLOCK * 3, TWO), "3 rows of the result came, of 2"),
    "rows that nothing counts": (lambda query_id: engines(query_id, BLOCK * 2, NONE), "2 rows of the result came, of"),
    "half a block": (lambda query_id: engines(query_id, BLOCK[:-3], ONE), "cannot be read: "),
    "an exception as a result": (lambda query_id: engines(query_id, TOO_MANY_PARTS, NONE), "cannot be read: .*Code"),
    "an exception after all rows": (
        lambda query_id: engines(query_id, BLOCK * 2 + TOO_MANY_PARTS.encode(), TWO), "cannot be read: .*Code: 252"
    ),
    "a marked exception": (
        lambda query_id: engines(query_id, BLOCK * 2 + MARKED.encode(), TWO, X_ClickHouse_Exception_Tag=TAG),
        "cannot be read: .*Code: 252",
    ),
    "a page for a result": (lambda query_id: engines(query_id, "<html>Log in</html>", NONE), "cannot be read: "),
    "a type that does not exist": (
        lambda query_id: engines(query_id, b"\x01\x01\x01n\x06Nosuch" + bytes(8), ONE), "cannot be read: "
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", RESULTS)
def test_a_result_counts_only_whole_and_as_the_engine_sent_it(kind: str, between: tuple[Store, Proxy]) -> None:
    (store, proxy), (made, text) = between, RESULTS[kind]
    proxy.behaviour.answer = to_texts("numbers(7, 2)", made)
    with pytest.raises(StoreUnavailable, match=text):
        store.query("SELECT number AS n FROM numbers(7, 2)")
    proxy.heal()
    assert store.query("SELECT number AS n FROM numbers(7, 2)") == [{"n": 7}, {"n": 8}]


def test_an_empty_result_of_the_engines_is_one(between: tuple[Store, Proxy]) -> None:
    assert between[0].query("SELECT number FROM numbers(7) WHERE number > 7") == []


def test_one_row_is_asked_for_where_there_is_always_one(between: tuple[Store, Proxy]) -> None:
    store, proxy = between
    proxy.behaviour.answer = to_texts("now64", lambda query_id: engines(query_id, counts=NONE))
    with pytest.raises(StoreUnavailable, match="latest_versions: 0"):
        store.reading()


@pytest.mark.parametrize("lie", ["an exception in the body", "a different query id"])
def test_cells_that_were_not_computed_are_not_said_to_be(
    lie: str, between: tuple[Store, Proxy], compiled: CompiledRegistry
) -> None:
    (store, proxy), (made, text) = between, STATEMENTS[lie]
    store.insert_facts(facts_of([event(1)], compiled))
    every = minutes.minutes_between(store, datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
    proxy.behaviour.answer = to_texts("INSERT INTO cells", made)
    with pytest.raises(StoreUnavailable, match=text):
        minutes.recompute(store, every, wins=True)
    proxy.heal()
    minutes.recompute(store, every, wins=True)
    assert store.query("SELECT sum(n) AS n FROM cells FINAL") == [{"n": 1}]


@pytest.mark.parametrize(
    ("text", "lie"),
    [
        ("ALTER TABLE events DELETE", "an exception in the body"),
        ("ALTER TABLE rejected DELETE", "a different query id"),
        ("INSERT INTO cells", "nothing"),
    ],
)
def test_a_person_who_is_still_there_is_not_said_to_be_erased(
    lie: str, text: str, between: tuple[Store, Proxy], compiled: CompiledRegistry
) -> None:
    store, proxy = between
    store.insert_facts(facts_of([event(1, customer="ann")], compiled))
    [row] = store.query("SELECT customer FROM events")
    hashes = [str(row["customer"])]
    proxy.behaviour.answer = to_texts(text, STATEMENTS[lie][0])
    with pytest.raises(StoreUnavailable, match=STATEMENTS[lie][1]):
        erase_from_store(store, hashes, wait=lambda: None)
    proxy.heal()
    erase_from_store(store, hashes, wait=lambda: None)
    assert store.query("SELECT count() AS n FROM events") == [{"n": 0}]
    assert store.query("SELECT sum(n) AS n FROM cells FINAL") == [{"n": 0}]


MIGRATIONS = ["CREATE DATABASE", "CREATE TABLE IF NOT EXISTS schema_migrations", "CREATE TABLE", "ALTER TABLE", "VIEW"]


@pytest.fixture
def new(engine: EngineProcess) -> Iterator[tuple[Store, Proxy]]:
    """A store behind a proxy, of a database that does not exist."""
    proxy = Proxy(engine.port)
    store = Store(EngineProcess(proxy.port, engine.password).settings(f"t_{secrets.token_hex(6)}"))
    yield store, proxy
    proxy.heal()
    store.command(f"DROP DATABASE IF EXISTS {store.database}", use_database=False)
    store.close()
    proxy.close()


@pytest.mark.parametrize("text", MIGRATIONS)
def test_a_migration_that_was_not_made_is_not_noted(text: str, new: tuple[Store, Proxy]) -> None:
    (store, proxy), lie = new, "an exception in the body"
    proxy.behaviour.answer = to_texts(text, STATEMENTS[lie][0])
    made: list[int] = []
    with pytest.raises(StoreUnavailable, match=STATEMENTS[lie][1]):
        made.extend(migration.version for migration in migrate(store))
    proxy.heal()
    made.extend(migration.version for migration in migrate(store))
    assert made[-len(shipped()) :] == sorted({migration.version for migration in shipped()})
    assert store.query("SELECT count() AS n FROM events") == [{"n": 0}]
