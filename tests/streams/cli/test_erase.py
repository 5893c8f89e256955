import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from metrics.events.pseudonyms import key_id, pseudonym
from streams.cli.erase import app
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.engine import EngineProcess
from tests.streams.given import KEY, event, facts_of

OTHER = b"o" * 32


@pytest.fixture(autouse=True)
def _service(
    kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = engine.settings(store.database)
    for name, value in {
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap,
        "KAFKA_DLQ_TOPIC": kafka_topic(partitions=1),
        "CLICKHOUSE_URL": address.url,
        "CLICKHOUSE_USER": address.user,
        "CLICKHOUSE_PASSWORD": address.password.get_secret_value(),
        "CLICKHOUSE_DATABASE": store.database,
    }.items():
        monkeypatch.setenv(f"CXB_{name}", value)


def erase(monkeypatch: pytest.MonkeyPatch, keys: Sequence[str], *options: str) -> Result:
    monkeypatch.setenv("CXB_CUSTOMER_KEY", " ".join(keys))
    return CliRunner().invoke(app, ["--customer", "ann", *options])


def left(store: Store) -> int:
    count: int = store.query("SELECT count() AS n FROM events FINAL")[0]["n"]
    return count


@pytest.mark.long
@pytest.mark.kafka
def test_facts_of_another_key_are_said_to_remain_until_the_key_is_given(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, the receipt said 0 facts, and the exit code that all was well."""
    store.insert_facts(facts_of([event(number, customer="ann") for number in range(57)], compiled))
    wrong = erase(monkeypatch, [OTHER.hex()], "--json")
    assert wrong.exit_code == 1
    receipt = json.loads(wrong.stdout)
    assert (receipt["facts"], receipt["other_keys"], left(store)) == (0, {key_id(KEY): 57}, 57)
    assert receipt["remains"][0].startswith(f"57 rows of key {key_id(KEY)}: ")
    for_people = erase(monkeypatch, [OTHER.hex()])
    assert for_people.exit_code == 1
    assert f"remains\t57 rows of key {key_id(KEY)}" in for_people.stdout

    both = erase(monkeypatch, [OTHER.hex(), KEY.hex()], "--json")
    receipt = json.loads(both.stdout)
    assert (both.exit_code, receipt["facts"], receipt["other_keys"], left(store)) == (0, 57, {}, 0)
    assert receipt["hashes"] == [pseudonym("ann", OTHER), pseudonym("ann", KEY)]


@pytest.mark.long
@pytest.mark.kafka
def test_the_topics_of_sources_are_among_what_remains(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text('[[source]]\nname = "calls"\nlike = "cloudevents"\ntopic = ["calls-*"]\n')
    monkeypatch.setenv("CXB_SOURCES", str(sources))
    receipt = json.loads(erase(monkeypatch, [KEY.hex()], "--json").stdout)
    assert [text.partition(":")[0] for text in receipt["remains"]][-1:] == ["topics of sources (calls-*)"]


@pytest.mark.long
@pytest.mark.kafka
def test_facts_of_a_key_that_was_destroyed_on_purpose_are_nobodys(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.insert_facts(facts_of([event(1, customer="ann")], compiled))
    result = erase(monkeypatch, [OTHER.hex(), key_id(KEY)], "--json")
    assert (result.exit_code, json.loads(result.stdout)["other_keys"], left(store)) == (0, {}, 1)


@pytest.mark.kafka
@pytest.mark.parametrize("name", ["null", " NULL ", "guest"])
def test_who_stands_for_nobody_cannot_be_erased(
    name: str, store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.insert_facts(facts_of([event(1, customer=name)], compiled))
    monkeypatch.setenv("CXB_CUSTOMER_KEY", KEY.hex())
    monkeypatch.setenv("CXB_INGEST_PLACEHOLDERS", "+guest")
    refused = CliRunner().invoke(app, ["--customer", name])
    assert (refused.exit_code, refused.stdout, left(store)) == (2, "", 1)
    assert "stands for nobody" in " ".join(refused.stderr.replace("│", " ").split())
    assert store.query("SELECT count() AS n FROM erased") == [{"n": 0}]
