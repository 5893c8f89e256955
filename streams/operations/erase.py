"""Erasing a person: facts, rejected events and dead letters, and the figures that they were part of.

What is remembered is the person's keyed hash and until when it was erased: what happened until then does not
come back by a replay, as whatever it is. What happens after it is a new relation, and counts. Until when is the end of
what was erased: now, or the time of its latest fact or dead letter, if a publisher's clock was ahead.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from aiokafka.admin import RecordsToDelete
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from metrics.durations import MINUTE_S
from metrics.events.erasure import BEFORE_ALL, happened_ms
from metrics.events.naming import names_customer
from streams.figures import minutes as cells
from streams.figures.batches import newest_first
from streams.kafka.client import connected_admin, connected_producer
from streams.operations.redrive import dead_letters, is_of_source, letter_stamp_ms
from streams.runtime import trace
from streams.settings.settings import KafkaSettings
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.erased import remember
from streams.store.statements import Row, query, statement
from streams.timestamps import EPOCH

IN_FLIGHT_S: Final = 2.0
"""Longest time between a worker's look at who is erased and the end of the insert that followed it, usually."""

_HASH: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{32}")


class MinuteOfPerson(Row):
    """A minute in which a person has facts, or had some that its cells still count, epoch seconds."""

    minute_s: int


class LatestOfPerson(Row):
    """How many facts, hidden ones included, or notes of erasure a person has, and the latest, epoch milliseconds."""

    n: int
    latest_ms: int


class RowCount(Row):
    """How many rows."""

    n: int


_MINUTES: Final = query(__package__, "minutes_of_person", MinuteOfPerson)
_COUNTED_TOO_HIGH: Final = query(__package__, "minutes_counted_too_high", MinuteOfPerson)
_LATEST: Final = query(__package__, "latest_of_person", LatestOfPerson)
_COUNT_ERASED: Final = query(__package__, "count_erased", LatestOfPerson)
_COUNT_FACTS: Final = query(__package__, "count_facts", RowCount)
_COUNT_REJECTED: Final = query(__package__, "count_rejected", RowCount)
_ERASE_FACTS: Final = statement(__package__, "erase_facts")
_ERASE_REJECTED: Final = statement(__package__, "erase_rejected")
_ERASE_ANSWERS: Final = statement(__package__, "erase_answers")
_ERASE_REPEATS: Final = statement(__package__, "erase_repeat_answers")


class ErasedLetters(NamedTuple):
    """What became of a person's dead letters.

    Attributes:
        gone: How many were removed.
        left: How many could not be.
        remains: What remains of the person in the topics, and until when.
        latest_ms: When the last of what they are about happened, epoch milliseconds; -1 without any.
    """

    gone: int
    left: int
    remains: tuple[str, ...]
    latest_ms: int = BEFORE_ALL


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased.

    Attributes:
        at: Until when: now, by the store's clock or ours, or the time of the latest event erased, whichever is later.
        hashes: The person's hashes, one for each key in use now or before.
        facts: Facts removed.
        minutes: Minutes whose cells were computed again.
        refused: Rows of `rejected` removed.
        dead_letters: Dead letters removed from their topic.
        dead_letters_left: Dead letters that could not be removed: this broker does not delete.
        other_keys: Rows whose customer was hashed with a key that was not given, by its id: the person may be there.
        remains: What could not be removed, where it is and when it goes.
    """

    at: datetime
    hashes: tuple[str, ...]
    facts: int
    minutes: int
    refused: int
    dead_letters: int
    dead_letters_left: int
    other_keys: Mapping[str, int]
    remains: tuple[str, ...]


def wait_in_flight() -> None:
    """Waits until inserts have landed that began before the last look."""
    time.sleep(IN_FLIGHT_S)


def erase_from_store(
    store: Store, hashes: Sequence[str], wait: Callable[[], None] = wait_in_flight, now: datetime | None = None
) -> tuple[datetime, int, int, int]:
    """Removes a person from facts and rejected events, and computes the cells again that counted them.

    Args:
        store: The store.
        hashes: The person's hashes, one for each key.
        wait: What passes the time between two looks for facts that were on their way.
        now: What the person did until now, by this clock (ours) or the store's, does not come back.

    Returns:
        Until when; how many facts; in how many minutes; how many rejected events.
    """
    for text in hashes:
        if not _HASH.fullmatch(text):
            raise ValueError("not a customer's hash")
    person = {"hashes": list(hashes)}
    before = store.fetch_one(_COUNT_ERASED, person)
    at = max(store_time(store), now or datetime.now(UTC))
    remember(store, hashes, at)
    rejected = store.fetch_one(_COUNT_REJECTED, person)
    facts = 0
    touched: set[int] = set()
    for minutes, count in _passes(store, person, wait):
        facts += count
        touched.update(minutes)
        latest = store.fetch_one(_LATEST, person)
        at = extend(store, hashes, at, latest.latest_ms)  # before they go, or nobody would know any more
        store.run(_ERASE_FACTS, person | {"until_ms": _ms(at)})
    store.run(_ERASE_REJECTED, person)
    if before.n:
        # An earlier attempt may have been cut off when facts had gone that cells still count.
        touched.update(row.minute_s for row in store.fetch(_COUNTED_TOO_HIGH))
    for batch in newest_first(store, touched):
        cells.recompute(store, batch, wins=True)
    wait()  # what a refresh writes that had read the facts before loses against that, and goes with it
    _erase_answers(store, person, max(_ms(at), before.latest_ms))
    return at, facts, len(touched), rejected.n


def _erase_answers(store: Store, person: dict[str, Any], until_ms: int) -> None:
    for statement_ in (_ERASE_ANSWERS, _ERASE_REPEATS):
        store.run(statement_, person | {"until_ms": until_ms})
    # What the person did later in that minute counts.
    cells.recompute(store, [until_ms // (1000 * MINUTE_S) * MINUTE_S], wins=True)


def _ms(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)


def extend(store: Store, hashes: Sequence[str], at: datetime, latest_ms: int) -> datetime:
    """Notes that a person is erased until something that happened later than noted; returns until when it is."""
    if latest_ms <= _ms(at):
        return at
    until = EPOCH + timedelta(milliseconds=latest_ms)
    remember(store, hashes, until)
    return until


def _passes(store: Store, person: dict[str, Any], wait: Callable[[], None]) -> Iterator[tuple[list[int], int]]:
    # A worker that looked just before the person was noted may land a fact just after: look until none comes.
    quiet = 0
    if trace.to:
        trace.to.write("erase_mark")
    while quiet < 2:
        minutes = [row.minute_s for row in store.fetch(_MINUTES, person)]
        if trace.to:
            trace.to.write("erase_look", found=len(minutes))
        if minutes:
            quiet = 0
            facts = store.fetch_one(_COUNT_FACTS, person)
            yield minutes, facts.n
        else:
            quiet += 1
        if quiet < 2:
            wait()
    if trace.to:
        trace.to.write("erase_done")


def _names(letter: Any, customer: str) -> bool:
    return names_customer(letter.key, letter.value, customer, is_foreign=is_of_source(letter))


async def erase_dead_letters(settings: KafkaSettings, customer: str) -> ErasedLetters:
    """Removes a person's dead letters: those of others before them are sent again, then all up to there deleted.

    Kafka cannot delete single records, only the beginning of a log.
    """
    remains = [f"topic {settings.topic}: the person's records, until the topic's retention removes them"]
    letters = [letter async for letter in dead_letters(settings)]
    theirs = [letter for letter in letters if _names(letter, customer)]
    if not theirs:
        return ErasedLetters(0, 0, tuple(remains))
    latest_ms = max(happened_ms(letter.value, letter_stamp_ms(letter)) for letter in theirs)
    places = {(TopicPartition(letter.topic, letter.partition), letter.offset) for letter in theirs}
    upto: dict[TopicPartition, int] = {}
    for tp, offset in places:
        upto[tp] = max(offset + 1, upto.get(tp, 0))
    producer = await connected_producer(settings)
    admin = await connected_admin(settings)
    try:
        # Asked with nothing to delete: a broker that cannot must not get copies of everybody else's letters.
        await admin.delete_records({tp: RecordsToDelete(before_offset=0) for tp in upto})
        for letter in letters:
            tp = TopicPartition(letter.topic, letter.partition)
            if letter.offset < upto.get(tp, 0) and (tp, letter.offset) not in places:
                await producer.send_and_wait(
                    letter.topic, letter.value, letter.key, partition=letter.partition,
                    headers=list(letter.headers), timestamp_ms=max(letter.timestamp, 0),
                )  # fmt: skip
        await admin.delete_records({tp: RecordsToDelete(before_offset=offset) for tp, offset in upto.items()})
    except (KafkaError, NotImplementedError) as error:
        remains.append(
            f"topic {settings.dlq_topic}: {len(theirs)} dead letters, until its retention removes them: "
            f"the broker does not delete ({error!r})"
        )
        return ErasedLetters(0, len(theirs), tuple(remains), latest_ms)
    finally:
        await producer.stop()
        await admin.close()
    return ErasedLetters(len(theirs), 0, tuple(remains), latest_ms)
