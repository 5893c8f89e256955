"""Answers to an insert that prove nothing, from a real proxy in front of the real engine.

With the code before `streams.store.proof` each of them counted as landed, "fewer rows" excepted, and the facts were
lost: the tests were seen to fail on it with "DID NOT RAISE StoreUnavailable".
"""

import pytest

from streams.registry.file import CompiledRegistry
from streams.store.client import Store, StoreUnavailable
from tests.faults.proxy import Proxy
from tests.streams.engine import EngineProcess
from tests.streams.false_answers import (
    FOREIGN,
    MARKED,
    ROWS,
    TOO_MANY_PARTS,
    Reply,
    engines,
    reply,
    to_inserts,
)
from tests.streams.given import event, facts_of

ALL = {"written_rows": ROWS}

UNPROVEN: dict[str, tuple[Reply, str]] = {
    "no rows": (lambda query_id: engines(query_id, counts={"written_rows": 0}), f"only 0 of {ROWS} rows were written"),
    "fewer rows": (
        lambda query_id: engines(query_id, counts={"written_rows": ROWS - 1}),
        f"only {ROWS - 1} of {ROWS} rows were written",
    ),
    "no number of rows": (
        lambda query_id: engines(query_id, counts={"read_rows": 0}),
        "does not report how many rows were written",
    ),
    "no summary": (lambda query_id: reply(X_ClickHouse_Query_Id=query_id), "does not report how many rows"),
    "no numbers": (
        lambda query_id: reply(X_ClickHouse_Query_Id=query_id, X_ClickHouse_Summary="{"),
        "does not report how many rows",
    ),
    "a different query id": (lambda _: engines("b2b9c0f4", counts=ALL), "has a different query id"),
    "an exception after all rows": (lambda query_id: engines(query_id, TOO_MANY_PARTS, ALL), "empty: .*Code: 252"),
    "a marked exception": (lambda query_id: engines(query_id, MARKED, ALL), "should be empty: .*__exception__"),
}


@pytest.mark.parametrize("kind", [*FOREIGN, *UNPROVEN])
def test_an_answer_that_proves_nothing_is_no_landing_and_the_next_try_lands_once(
    kind: str, between: tuple[Store, Proxy], compiled: CompiledRegistry
) -> None:
    (store, proxy), (made, text) = between, (FOREIGN | UNPROVEN)[kind]
    columns = facts_of([event(number) for number in range(ROWS)], compiled)
    proxy.behaviour.answer = to_inserts(made)
    with pytest.raises(StoreUnavailable, match=text) as raised:
        store.insert_facts(columns)
    assert f"127.0.0.1:{proxy.port} did not prove that it executed a statement" in str(raised.value)
    assert "check CXB_CLICKHOUSE_URL, and that a proxy or load balancer passes on query_id" in str(raised.value)
    proxy.heal()
    assert store.query("SELECT count() AS n FROM events") == [{"n": 0}]
    store.insert_facts(columns)
    assert store.query("SELECT count() AS n FROM events") == [{"n": ROWS}]


@pytest.mark.parametrize("kind", FOREIGN)
def test_who_answers_everything_is_not_taken_for_the_engine(
    kind: str, between: tuple[Store, Proxy], compiled: CompiledRegistry
) -> None:
    """Before, an insert ended as a bug: "Unrecognized column", for the driver had read a table without columns."""
    (store, proxy), (made, text) = between, FOREIGN[kind]
    proxy.behaviour.answer = lambda _: made("")
    with pytest.raises(StoreUnavailable, match=text):
        store.insert_facts(facts_of([event(1)], compiled))
    with pytest.raises(StoreUnavailable, match=text):
        store.query("SELECT 1")
    with pytest.raises(StoreUnavailable, match=text):
        store.command("CREATE TABLE never (a UInt8) ENGINE = Memory")


@pytest.mark.parametrize("kind", FOREIGN)
def test_who_answers_from_the_first_request_on_is_not_taken_for_the_engine(kind: str, engine: EngineProcess) -> None:
    """Before, it was a bug: the driver could not make a version of what was answered."""
    made, text = FOREIGN[kind]
    proxy = Proxy(engine.port)
    proxy.behaviour.answer = lambda _: made("")
    store = Store(EngineProcess(proxy.port, engine.password).settings("default"))
    with pytest.raises(StoreUnavailable, match=text):
        store.query("SELECT 1")
    proxy.heal()
    assert store.query("SELECT 1 AS n") == [{"n": 1}]
    store.close()
    proxy.close()


def test_an_exception_code_with_200_stays_an_error_of_the_engine(
    between: tuple[Store, Proxy], compiled: CompiledRegistry
) -> None:
    store, proxy = between
    proxy.behaviour.answer = to_inserts(
        lambda query_id: engines(query_id, TOO_MANY_PARTS, ALL, X_ClickHouse_Exception_Code="252")
    )
    with pytest.raises(StoreUnavailable, match=r"refused for now: .*TOO_MANY_PARTS"):
        store.insert_facts(facts_of([event(1)], compiled))


def test_rows_of_a_materialized_view_add_to_the_proof(store: Store) -> None:
    store.command("CREATE TABLE viewed (a UInt8) ENGINE = MergeTree ORDER BY a")
    store.command("CREATE MATERIALIZED VIEW view ENGINE = MergeTree ORDER BY a AS SELECT a FROM viewed")
    store.insert("viewed", ["a"], [[1, 2]])
    assert store.query("SELECT (SELECT count() FROM viewed) AS n, (SELECT count() FROM view) AS seen") == [
        {"n": 2, "seen": 2}
    ]


def test_more_rows_than_sent_are_a_proof_as_well(between: tuple[Store, Proxy], compiled: CompiledRegistry) -> None:
    # As a Distributed table reports them when one of its shards is on the node that is asked.
    store, proxy = between
    columns = facts_of([event(number) for number in range(ROWS)], compiled)
    proxy.behaviour.answer = to_inserts(lambda query_id: engines(query_id, counts={"written_rows": 2 * ROWS}))
    store.insert_facts(columns)
