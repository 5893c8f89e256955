import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from metrics.events.pseudonyms import key_id
from streams.figures import minutes, snapshot
from streams.operations.doctor import examine
from streams.operations.stored import CheckResult
from streams.registry.file import CompiledRegistry
from streams.settings.settings import Settings
from streams.store.client import Store
from streams.store.clock import store_time
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.engine import EngineProcess
from tests.streams.given import KEY, NOON, REGISTRY, event, facts_of
from tests.streams.group import kafka_of, settings_of
from tests.streams.operations.test_placeholders import landed_before
from tests.streams.schemas import schema_server

CHECKS = [
    "kafka and topics",
    "clickhouse",
    "tables",
    "clock",
    "freshness",
    "parts",
    "cells",
    "day cells",
    "names",
    "series",
    "copies",
    "customer keys",
    "placeholders",
    "commits",
    "registry",
    "reader",
]
INSIDERS = ("FINAL", "facts?", "land(ed|s)?", "ours", "folded", "dimension", "the store's", "committed", "refreshed")
"""Words whose meaning somebody who keeps the service running cannot know."""


@pytest.fixture
def settings(kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess, store: Store) -> Settings:
    """Everything in its place."""
    kafka_settings = kafka_of(kafka.bootstrap, kafka_topic(partitions=1), dlq_topic=kafka_topic(partitions=1))
    made = settings_of(kafka_settings, engine.settings(store.database))
    return made.model_copy(update={"customer_key": SecretStr(KEY.hex())})


def checks(settings: Settings, registry: Path) -> dict[str, CheckResult]:
    findings = examine(settings, registry)
    assert [finding.check for finding in findings] == CHECKS
    assert all(finding.detail and "\n" not in finding.detail.strip() for finding in findings)
    assert not [word for finding in findings for word in INSIDERS if re.search(rf"\\b{word}\\b", finding.detail)]
    assert all(len(finding.detail.split()) > 3 for finding in findings)
    return {finding.check: finding for finding in findings}


def refreshed(store: Store, ago: timedelta = timedelta(0)) -> None:
    store.insert("refreshes", ("upto", "minutes"), ([store_time(store) - ago], [0]))


@pytest.mark.kafka
def test_a_healthy_service_is_well_throughout(
    settings: Settings, store: Store, compiled: CompiledRegistry, registry_path: Path
) -> None:
    columns = facts_of([event(1, "visit", datetime.now(UTC) - timedelta(hours=1))], compiled)
    store.command("SYSTEM STOP MERGES events")
    store.insert_facts(columns)
    store.insert_facts(columns)
    list(minutes.refresh(store, timedelta(seconds=3)))
    findings = checks(settings, registry_path)
    states = {check: finding.state for check, finding in findings.items()}
    assert states == dict.fromkeys(CHECKS, "ok") | {"registry": findings["registry"].state}
    assert findings["registry"].state in ("ok", "warning")
    assert findings["copies"].detail.startswith("1 rows of the last 3 days are copies of an event")
    assert findings["commits"].detail == f"every record of the topic {settings.kafka.topic} is stored"
    store.command("SYSTEM START MERGES events")


@pytest.mark.kafka
def test_cells_that_differ_from_the_facts_are_reported_with_how_to_fix_them(
    settings: Settings, store: Store, compiled: CompiledRegistry, registry_path: Path
) -> None:
    store.insert_facts(facts_of([event(1, "visit", datetime.now(UTC) - timedelta(hours=1))], compiled))
    refreshed(store)
    finding = checks(settings, registry_path)["cells"]
    assert finding.state == "failed"
    assert "of 1 minute differ from a recount of the events: cxb rebuild --from 20" in finding.detail


@pytest.mark.kafka
def test_cells_of_long_ago_are_compared_where_facts_landed_last(
    settings: Settings, store: Store, compiled: CompiledRegistry, registry_path: Path
) -> None:
    store.insert_facts(facts_of([event(1)], compiled))
    refreshed(store)
    finding = checks(settings, registry_path)["cells"]
    assert finding.state == "failed"
    assert f"of 1 minute differ from a recount of the events: cxb rebuild --from {NOON:%FT%TZ}" in finding.detail


@pytest.mark.kafka
def test_a_store_whose_clock_was_set_back_is_told(settings: Settings, store: Store, registry_path: Path) -> None:
    then = store_time(store) + timedelta(days=1)
    store.insert("refreshes", ("upto", "finished_at", "minutes"), ([then], [then], [0]))
    findings = checks(settings, registry_path)
    assert findings["clock"].state == findings["freshness"].state == "warning"
    assert "ClickHouse's clock was set back: it is 86" in findings["clock"].detail
    assert "figures were not computed since ClickHouse's clock was set back" in findings["freshness"].detail
    refreshed(store, -timedelta(days=1, seconds=1))
    assert checks(settings, registry_path)["freshness"].state == "ok"


@pytest.mark.kafka
def test_names_beyond_the_limit_are_reported_with_what_to_do(
    settings: Settings, store: Store, compiled: CompiledRegistry, registry_path: Path
) -> None:
    sent = [
        event(n, "visit", datetime.now(UTC) - timedelta(hours=1), touchpoint=f"web.{n}", region=f"r{n}")
        for n in range(6)
    ]
    store.insert_facts(facts_of(sent, compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    for limit, state, said in (
        (4, "warning", "2 touchpoints, 2 regions of the last day are not in the registry and beyond the limit of 4"),
        (6, "ok", "at most 6 each are not in the registry"),
    ):
        limited = settings.clickhouse.model_copy(update={"unknown_names": limit})
        finding = checks(settings.model_copy(update={"clickhouse": limited}), registry_path)["names"]
        assert finding.state == state
        assert said in finding.detail


@pytest.mark.kafka
def test_series_beyond_the_limit_are_reported_with_what_is_left_out(
    settings: Settings, store: Store, compiled: CompiledRegistry, registry_path: Path
) -> None:
    store.insert_facts(facts_of([event(0), event(1, "visit")], compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    assert checks(settings, registry_path)["series"].state == "ok"
    snapshot.record(store, compiled, NOON + timedelta(hours=1))
    for limit, state, said in (
        # Of the company and of a department three metrics on two horizons, and a scorecard.
        (2 * (3 * 2 * 5 + 3) - 1, "warning", "more than 65 (CXB_SERIES_LIMIT): 3 of cx_metric_last_timestamp_seconds;"),
        (2 * (3 * 2 * 5 + 3), "ok", "within the limit of 66"),
    ):
        finding = checks(settings.model_copy(update={"series_limit": limit}), registry_path)["series"]
        assert finding.state == state
        assert said in finding.detail


@pytest.mark.kafka
def test_customers_of_a_key_that_is_not_given_are_reported_by_its_id(
    settings: Settings, store: Store, compiled: CompiledRegistry, registry_path: Path
) -> None:
    store.insert_facts(facts_of([event(number, customer="ann") for number in range(3)], compiled))
    other = settings.model_copy(update={"customer_key": SecretStr("cd" * 32)})
    finding = checks(other, registry_path)["customer keys"]
    assert (finding.state, finding.detail[:23]) == ("failed", f"3 rows of key {key_id(KEY)}:")
    finding = checks(settings.model_copy(update={"customer_key": None}), registry_path)["customer keys"]
    assert (finding.state, finding.detail[:11]) == ("warning", "not checked")


@pytest.mark.kafka
def test_facts_of_nobody_that_landed_as_one_persons_are_reported_by_source(
    settings: Settings, store: Store, compiled: CompiledRegistry, registry_path: Path
) -> None:
    named = [(source, "null", KEY) for source in "abcdefg" for _ in range(2)]
    landed_before(store, compiled, ("shop", "null", KEY), *named, *(("shop", "N/A", KEY),) * 3)
    finding = checks(settings, registry_path)["placeholders"]
    assert finding.state == "warning"
    assert "4 of shop, 2 of a, 2 of b, 2 of c, 2 of d and 3 more sources; run: cxb placeholders" in finding.detail
    finding = checks(settings.model_copy(update={"customer_key": None}), registry_path)["placeholders"]
    assert (finding.state, finding.detail[:12]) == ("warning", "not checked:")


@pytest.mark.kafka
def test_missing_topics_are_told(settings: Settings, registry_path: Path, fresh_name: Callable[[], str]) -> None:
    name = fresh_name()
    missing = settings.model_copy(update={"kafka": settings.kafka.model_copy(update={"dlq_topic": name})})
    finding = checks(missing, registry_path)["kafka and topics"]
    assert finding.state == "failed"
    assert f"lacks these topics: {name}; start a worker" in finding.detail


@pytest.mark.kafka
def test_missing_and_newer_tables_are_told(settings: Settings, store: Store, registry_path: Path) -> None:
    store.insert("schema_migrations", ("version", "name"), ([999], ["future"]))
    finding = checks(settings, registry_path)["tables"]
    assert (finding.state, finding.detail) == (
        "warning",
        "ClickHouse has schema versions [999] that this cxb does not know: upgrade cxb",
    )
    store.command("ALTER TABLE schema_migrations DELETE WHERE version IN (2, 999) SETTINGS mutations_sync = 2")
    finding = checks(settings, registry_path)["tables"]
    assert (finding.state, finding.detail) == ("failed", "ClickHouse lacks the schema versions [2]: run cxb migrate")


@pytest.mark.kafka
def test_cells_that_no_worker_refreshes_are_told(settings: Settings, store: Store, registry_path: Path) -> None:
    findings = checks(settings, registry_path)
    for check in ("freshness", "cells"):
        assert (findings[check].state, findings[check].detail) == (
            "warning", "no worker has computed figures yet: start a worker",
        )  # fmt: skip
    refreshed(store, timedelta(minutes=5))
    finding = checks(settings, registry_path)["freshness"]
    assert finding.state == "warning"
    assert "check that a worker runs" in finding.detail


@pytest.mark.parametrize(
    ("content", "state", "said"),
    [
        (None, "failed", "cannot read"),
        (b"\xff", "failed", "cannot read"),
        (b"version = ", "failed", "has 1 error, the first: "),
        (REGISTRY.replace('owner = "logistics"', 'owner = "nobody"').encode(), "failed", "cxb check"),
    ],
)
def test_a_registry_that_cannot_be_used_is_told(content: bytes | None, state: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    if content is not None:
        path.write_bytes(content)
    nowhere = settings_of(kafka_of("127.0.0.1:1", "t"), EngineProcess(1, "x").settings("cx"))
    finding = checks(nowhere, path)["registry"]
    assert finding.state == state
    assert said in finding.detail


def test_one_check_that_fails_does_not_hide_the_others(registry_path: Path) -> None:
    made = settings_of(kafka_of("127.0.0.1:1", "t"), EngineProcess(1, "secret-word").settings("cx"))
    nowhere = made.model_copy(update={"customer_key": SecretStr(KEY.hex())})
    findings = checks(nowhere, registry_path)
    assert {check for check, finding in findings.items() if finding.state == "failed"} == set(CHECKS) - {
        "registry",
        "reader",
    }
    assert "127.0.0.1:1 does not answer" in findings["kafka and topics"].detail
    assert "secret-word" not in str(findings)


def test_a_schema_registry_is_asked_where_one_is_set(settings: Settings, registry_path: Path) -> None:
    with schema_server() as server:
        with_registry = settings.model_copy(update={"schema_registry": server.settings})
        found = {finding.check: finding for finding in examine(with_registry, registry_path)}["schema registry"]
        assert (found.state, found.detail) == (
            "ok", f"{server.settings.url} answers, with schemas of: AVRO, JSON, PROTOBUF",
        )  # fmt: skip
        server.status, server.body = 401, b"{}"
        found = {finding.check: finding for finding in examine(with_registry, registry_path)}["schema registry"]
        assert found.state == "failed"
        assert "CXB_SCHEMA_REGISTRY_USER" in found.detail
