import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from streams.errors import ConfigurationError
from streams.registry.file import CompiledRegistry
from streams.store.client import SETTINGS, Store, StoreUnavailable
from tests.faults.proxy import Proxy, http_error
from tests.streams.engine import EngineProcess
from tests.streams.given import event, facts_of


def count(store: Store) -> int:
    return int(store.query("SELECT count() AS n FROM events FINAL")[0]["n"])


def test_the_same_facts_again_change_nothing_that_final_shows(store: Store, compiled: CompiledRegistry) -> None:
    columns = facts_of([event(number) for number in range(10)], compiled)
    store.insert_facts(columns)
    store.insert_facts(columns)
    store.insert_facts(facts_of([event(10)], compiled))
    assert count(store) == 11


def test_of_copies_in_one_insert_that_differ_the_last_is_the_fact(store: Store, compiled: CompiledRegistry) -> None:
    scores = [score for _ in range(3) for score in range(11)]
    store.insert_facts(facts_of([event("one-id", score=score) for score in [*scores, 4]], compiled))
    assert store.query("SELECT count() AS stored FROM events") == [{"stored": 34}]  # not looked for at the insert
    only = [{"event_id": "e-one-id", "score": 4}]
    assert store.query("SELECT event_id, score FROM events FINAL") == only
    store.command("OPTIMIZE TABLE events FINAL")
    assert store.query("SELECT event_id, score FROM events") == only


def test_the_same_event_id_of_two_publishers_is_two_facts(store: Store, compiled: CompiledRegistry) -> None:
    both = [event("one-id", source=source) for source in ("shop", "call-centre")]
    store.insert_facts(facts_of(both, compiled))
    store.insert_facts(facts_of(both[::-1], compiled))
    assert count(store) == 2


def test_an_insert_of_nothing_asks_nothing_of_the_store() -> None:
    Store(EngineProcess(1, "x").settings("cx")).insert("events", ("event_id",), ([],))


def test_text_is_bound_and_never_read_as_sql(store: Store) -> None:
    nasty = "'; DROP TABLE events; -- \\ {x:String} \n\t\x00 é"
    assert store.query("SELECT {text:String} AS text", {"text": nasty}) == [{"text": nasty}]
    assert count(store) == 0


def test_no_insert_is_fire_and_forget(store: Store) -> None:
    assert SETTINGS["async_insert"] == 0
    assert store.query("SELECT getSetting('async_insert') AS on")[0]["on"] in (0, False, "0")


def test_instants_come_back_aware(store: Store) -> None:
    assert store.query("SELECT now64(3) AS now")[0]["now"].utcoffset() is not None


def test_threads_share_one_store(store: Store, compiled: CompiledRegistry) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: store.insert_facts(facts_of([event(number)], compiled)), range(40)))
    assert count(store) == 40


def test_nobody_listening_is_worth_trying_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    store = Store(EngineProcess(port, "secret-word").settings("cx"))
    with pytest.raises(StoreUnavailable, match=f"127.0.0.1:{port} does not answer: start it, or set CXB_") as raised:
        store.query("SELECT 1")
    assert "Connection refused" in str(raised.value)
    assert len(str(raised.value)) < 250
    assert "secret-word" not in str(raised.value)


def test_a_wrong_password_is_a_matter_of_configuration(engine: EngineProcess) -> None:
    store = Store(engine.settings("cx", password="secret-word"))
    with pytest.raises(ConfigurationError, match="rejects user 'cx': check CXB_CLICKHOUSE_USER") as raised:
        store.query("SELECT 1")
    assert "secret-word" not in str(raised.value)
    store.close()


def test_a_missing_table_is_reported_with_what_to_do(store: Store) -> None:
    with pytest.raises(ConfigurationError, match="run cxb migrate"):
        store.query("SELECT * FROM no_such_table")


@pytest.mark.parametrize("sql", ["SELECT 1 +", "SELECT no_such_column FROM events", "SELECT toUInt8('x')"])
def test_a_wrong_statement_comes_out_as_the_bug_it_is(store: Store, sql: str) -> None:
    with pytest.raises(DatabaseError):
        store.query(sql)


@pytest.mark.parametrize(
    ("columns", "data"),
    [(("customer", "no_such_column"), [["h"], ["x"]]), (("customer",), [[object()]]), (("customer",), [["a"], ["b"]])],
)
def test_data_that_cannot_be_sent_comes_out_as_the_bug_it_is(
    store: Store, columns: tuple[str, ...], data: list[list[object]]
) -> None:
    with pytest.raises((DatabaseError, AttributeError)):
        store.insert("erased", columns, data)


def test_a_statement_that_the_engine_gives_up_may_be_tried_again(store: Store) -> None:
    with pytest.raises(StoreUnavailable, match="refused for now"):
        store.query("SELECT throwIf(1, 'enough')")


@pytest.mark.parametrize(
    ("answer", "type_"),
    [
        (http_error(503, None, "upstream connect error"), StoreUnavailable),
        (http_error(500, 252, "Too many parts"), StoreUnavailable),
        (http_error(500, 241, "Memory limit exceeded"), StoreUnavailable),
        (http_error(500, 242, "Table is in readonly mode"), StoreUnavailable),
        (http_error(403, 497, "Not enough privileges"), ConfigurationError),
    ],
)
def test_refusals_of_a_server_are_distinguished(engine: EngineProcess, answer: bytes, type_: type[Exception]) -> None:
    proxy = Proxy(engine.port)
    store = Store(EngineProcess(proxy.port, engine.password).settings("default"))
    store.query("SELECT 1")
    proxy.behaviour.answer = lambda _: answer
    with pytest.raises(type_):
        store.query("SELECT 2")
    proxy.heal()
    assert store.query("SELECT 3 AS three") == [{"three": 3}]
    store.close()
    proxy.close()


INSERT = """
import sys
from streams.settings import settings
from streams.store import client
if {installed}:
    client.install()
    client.install()
store = client.Store(settings.load().clickhouse)
store.insert("erased", ("customer", "erased_at"), (["h"], [1_800_000_000_000]))
assert store.query("SELECT customer FROM erased") == [{{"customer": "h"}}]
store.close()
print("numpy" in sys.modules)
"""


@pytest.mark.parametrize("installed", [True, False])
def test_the_driver_loads_numpy_at_an_insert_unless_it_is_kept_from_it(store: Store, installed: bool) -> None:
    settings = store._settings
    variables = {
        "CXB_CLICKHOUSE_URL": settings.url, "CXB_CLICKHOUSE_USER": settings.user,
        "CXB_CLICKHOUSE_DATABASE": settings.database, "CXB_CLICKHOUSE_PASSWORD": settings.password.get_secret_value(),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", INSERT.format(installed=installed)], env=os.environ | variables,
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"{not installed}\n", "")


def test_a_store_can_be_closed_without_having_been_used() -> None:
    Store(EngineProcess(1, "x").settings("cx")).close()
