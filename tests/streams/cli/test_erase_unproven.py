"""`cxb rebuild`, `erase` and `migrate` through a proxy that answers in the engine's place: what they say is true.

Before, a rebuild and a migration ended with 0 over cells and tables that were not there. So did an erasure over
rejected events that stayed; over facts that stayed, it looked again without end.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from metrics.events.pseudonyms import pseudonym
from streams.cli.main import main
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.conftest import TopicFactory
from tests.faults.proxy import Proxy
from tests.kafka.broker import KafkaBroker
from tests.streams.engine import EngineProcess
from tests.streams.false_answers import STATEMENTS, to_texts
from tests.streams.given import KEY, REGISTRY, event, facts_of

LIES = ("an exception in the body", "a different query id", "nothing")

Run = Callable[..., tuple[int, str]]
"""Runs a command: its exit code, and all that it said."""


@pytest.fixture
def cxb(
    between: tuple[Store, Proxy],
    engine: EngineProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    registry = tmp_path / "registry.toml"
    registry.write_text(REGISTRY)
    store, proxy = between
    address = EngineProcess(proxy.port, engine.password).settings(store.database)
    for name, value in {
        "CLICKHOUSE_URL": address.url,
        "CLICKHOUSE_USER": address.user,
        "CLICKHOUSE_PASSWORD": address.password.get_secret_value(),
        "CLICKHOUSE_DATABASE": store.database,
        "CUSTOMER_KEY": KEY.hex(),
        "REGISTRY": str(registry),
    }.items():
        monkeypatch.setenv(f"CXB_{name}", value)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["cxb", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return run


@pytest.mark.parametrize("lie", LIES)
def test_a_rebuild_that_is_not_done_is_not_said_to_be(
    lie: str, cxb: Run, between: tuple[Store, Proxy], compiled: CompiledRegistry
) -> None:
    store, proxy = between
    store.insert_facts(facts_of([event(number) for number in range(3)], compiled))
    proxy.behaviour.answer = to_texts("INSERT INTO cells", STATEMENTS[lie][0])
    code, said = cxb("rebuild")
    assert (code, "did not prove that it executed a statement" in said, "computed again" in said) == (4, True, False)
    proxy.heal()
    assert store.query("SELECT sum(n) AS n FROM cells FINAL") == [{"n": 0}]
    code, said = cxb("rebuild")
    assert (code, "computed again: cells of" in said) == (0, True)
    assert store.query("SELECT sum(n) AS n FROM cells FINAL") == [{"n": 3}]


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("text", "lie"),
    [
        ("ALTER TABLE events DELETE", "an exception in the body"),
        ("ALTER TABLE rejected DELETE", "a different query id"),
        ("INSERT INTO cells", "nothing"),
    ],
)
def test_an_erasure_that_is_not_done_is_not_said_to_be(
    text: str,
    lie: str,
    cxb: Run,
    between: tuple[Store, Proxy],
    compiled: CompiledRegistry,
    kafka: KafkaBroker,
    kafka_topic: TopicFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CXB_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap)
    monkeypatch.setenv("CXB_KAFKA_DLQ_TOPIC", kafka_topic(partitions=1))
    monkeypatch.setattr("streams.operations.erase.IN_FLIGHT_S", 0.05)
    store, proxy = between
    store.insert_facts(facts_of([event(number, customer="ann") for number in range(3)], compiled))
    proxy.behaviour.answer = to_texts(text, STATEMENTS[lie][0])
    code, said = cxb("erase", "--customer", "ann")
    assert code == 4
    assert "the person is not known to be erased: erase again when this is fixed: " in said
    assert "did not prove that it executed a statement" in said
    assert "Receipt" not in said
    proxy.heal()
    code, said = cxb("erase", "--customer", "ann")
    assert (code, pseudonym("ann", KEY) in said) == (0, True)
    assert store.query("SELECT count() AS n FROM events") == [{"n": 0}]
    assert store.query("SELECT sum(n) AS n FROM cells FINAL") == [{"n": 0}]


@pytest.mark.parametrize("lie", LIES[:2])
def test_a_migration_that_is_not_done_is_not_said_to_be(
    lie: str, cxb: Run, between: tuple[Store, Proxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    (store, proxy), name = between, f"{between[0].database}_new"
    monkeypatch.setenv("CXB_CLICKHOUSE_DATABASE", name)
    proxy.behaviour.answer = to_texts("CREATE TABLE IF NOT EXISTS events", STATEMENTS[lie][0])
    code, said = cxb("migrate")
    assert (code, "did not prove" in said, "version 1" in said, "up to date" in said) == (4, True, False, False)
    proxy.heal()
    code, said = cxb("migrate")
    assert (code, "version 1 " in said, "are up to date" in said) == (0, True, True)
    store.command(f"DROP DATABASE {name}", use_database=False)
