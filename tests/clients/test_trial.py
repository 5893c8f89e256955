"""A slice of `make clients`: three clients that need no download, each in a configuration that failed once."""

from collections import Counter
from pathlib import Path

import pytest

from tests.clients.catalogue import AIOKAFKA, CLIENTS, HERE, KCAT, Client
from tests.clients.trial import EVENTS, Failed, Outcome, compare, events, on_embedded, on_kafka
from tests.kafka.broker import KafkaBroker
from tests.tools import tool

JOINED_S = 20.0
"""A session of 45 seconds made 23 of a join."""


def java(libraries: Path) -> Client:
    """Java's client as the tests' Kafka brings it, from its source."""
    program = HERE / "java" / "src" / "main" / "java" / "Client.java"
    return Client("kafka-clients", ("java", "-cp", f"{libraries}/*", str(program)))


def check(outcome: Outcome) -> None:
    assert outcome.wrong == ""
    assert outcome.consume_s < JOINED_S


@pytest.mark.long
@pytest.mark.embedded
async def test_aiokafka_numbers_its_events_and_all_survive(tmp_path: Path) -> None:
    check(await on_embedded(AIOKAFKA, "lz4", "idempotent", tmp_path / "data"))


@pytest.mark.long
@pytest.mark.embedded
async def test_old_librdkafka_gets_in_and_what_waits_for_no_answer_survives(tmp_path: Path) -> None:
    tool("kcat")
    check(await on_embedded(KCAT, "snappy", "0", tmp_path / "data"))


@pytest.mark.long
@pytest.mark.embedded
async def test_javas_client_as_it_comes_joins_soon_and_all_survives(tmp_path: Path, kafka_jars: Path) -> None:
    check(await on_embedded(java(kafka_jars), "zstd", "idempotent", tmp_path / "data"))


@pytest.mark.long
async def test_the_same_programs_work_on_a_real_kafka(kafka: KafkaBroker) -> None:
    tool("kcat")
    for client in (AIOKAFKA, KCAT):
        check(await on_kafka(client, "gzip", "idempotent", kafka))


async def test_a_client_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    broken = Client("broken", ("sh", "-c", "echo nothing works >&2; exit 3", "sh"))
    outcome = await on_embedded(broken, "none", "all", tmp_path / "data")
    assert outcome.wrong == "publish ended with 3: nothing works"


def test_events_that_are_missing_or_too_many_are_counted() -> None:
    sent = Counter(event for _, event in events())
    assert sent.total() == len(sent) == EVENTS
    compare(sent, sent)
    with pytest.raises(Failed, match="1 of 2000 events are missing, 2 were not sent"):
        compare(sent, sent - Counter([events()[0][1]]) + Counter(["other", events()[1][1]]))


def test_each_codec_and_each_kind_of_acknowledgement_is_tried_once() -> None:
    for client in CLIENTS:
        tried = list(client.configurations())
        assert len(set(tried)) == len(tried) == len(client.codecs) + len(client.acks) - 1
        assert {codec for codec, _ in tried} == set(client.codecs)
        assert {acks for _, acks in tried} == set(client.acks)
