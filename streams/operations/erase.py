"""Erasing a person: facts, rejected events and dead letters, and the figures that they were part of.

What is remembered is the person's keyed hash and when it was erased: facts that occurred until then do
not come back by a replay. What happens after it is a new relation, and counts.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from aiokafka.admin import RecordsToDelete
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from streams.figures import minutes as cells
from streams.kafka.client import connected_admin, connected_producer
from streams.operations.redrive import dead_letters
from streams.runtime import trace
from streams.settings.settings import KafkaSettings
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.statements import Row, query, statement

IN_FLIGHT_S: Final = 2.0
"""Longest time between a worker's look at who is erased and the end of the insert that followed it, usually."""

logger = logging.getLogger(__name__)

_HASH: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{32}")


class MinuteOfPerson(Row):
    """A minute in which a person has facts, or had some that its cells still count, epoch seconds."""

    minute_s: int


class RowCount(Row):
    """How many rows."""

    n: int


_MINUTES: Final = query(__package__, "minutes_of_person", MinuteOfPerson)
_COUNTED_TOO_HIGH: Final = query(__package__, "minutes_counted_too_high", MinuteOfPerson)
_COUNT_ERASED: Final = query(__package__, "count_erased", RowCount)
_COUNT_FACTS: Final = query(__package__, "count_facts", RowCount)
_COUNT_REJECTED: Final = query(__package__, "count_rejected", RowCount)
_ERASE_FACTS: Final = statement(__package__, "erase_facts")
_ERASE_REJECTED: Final = statement(__package__, "erase_rejected")
_ERASE_ANSWERS: Final = statement(__package__, "erase_answers")
_ERASE_REPEATS: Final = statement(__package__, "erase_repeat_answers")


_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


class ErasedLetters(NamedTuple):
    """What became of a person's dead letters.

    Attributes:
        gone: How many were removed.
        left: How many could not be.
        remains: What remains of the person in the topics, and until when.
    """

    gone: int
    left: int
    remains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased.

    Attributes:
        at: When: by the store's clock or ours, whichever is later.
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
        When; how many facts; in how many minutes; how many rejected events.
    """
    for text in hashes:
        if not _HASH.fullmatch(text):
            raise ValueError("not a customer's hash")
    person = {"hashes": list(hashes)}
    [before] = store.fetch(_COUNT_ERASED, person)
    at = max(store_time(store), now or datetime.now(UTC))
    store.insert("erased", ("customer", "erased_at"), (list(hashes), [at] * len(hashes)))
    [rejected] = store.fetch(_COUNT_REJECTED, person)
    facts = 0
    touched: set[int] = set()
    for minutes, count in _passes(store, person, wait):
        facts += count
        touched.update(minutes)
        store.run(_ERASE_FACTS, person)
    store.run(_ERASE_REJECTED, person)
    if before.n:
        # An earlier attempt may have been cut off when facts had gone that cells still count.
        touched.update(row.minute_s for row in store.fetch(_COUNTED_TOO_HIGH))
    ordered = sorted(touched)
    for start in range(0, len(ordered), cells.MINUTES_AT_ONCE):
        cells.recompute(store, ordered[start : start + cells.MINUTES_AT_ONCE], wins=True)
    wait()  # what a refresh writes that had read the facts before loses against that, and goes with it
    store.run(_ERASE_ANSWERS, person)
    store.run(_ERASE_REPEATS, person)
    return at, facts, len(ordered), rejected.n


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
            [facts] = store.fetch(_COUNT_FACTS, person)
            yield minutes, facts.n
        else:
            quiet += 1
        if quiet < 2:
            wait()
    if trace.to:
        trace.to.write("erase_done")


async def erase_dead_letters(settings: KafkaSettings, customer: str) -> ErasedLetters:
    """Removes a person's dead letters: those of others before them are sent again, then all up to there deleted.

    Kafka cannot delete single records, only the beginning of a log.
    """
    remains = [f"topic {settings.topic}: the person's records, until the topic's retention removes them"]
    letters = [letter async for letter in dead_letters(settings)]
    theirs = [letter for letter in letters if _is_about(letter, customer)]
    if not theirs:
        return ErasedLetters(0, 0, tuple(remains))
    upto: dict[TopicPartition, int] = {}
    for letter in theirs:
        tp = TopicPartition(letter.topic, letter.partition)
        upto[tp] = max(letter.offset + 1, upto.get(tp, 0))
    producer = await connected_producer(settings)
    admin = await connected_admin(settings)
    try:
        # Asked with nothing to delete: a broker that cannot must not get copies of everybody else's letters.
        await admin.delete_records({tp: RecordsToDelete(before_offset=0) for tp in upto})
        for letter in letters:
            tp = TopicPartition(letter.topic, letter.partition)
            if letter.offset < upto.get(tp, 0) and not _is_about(letter, customer):
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
        return ErasedLetters(0, len(theirs), tuple(remains))
    finally:
        await producer.stop()
        await admin.close()
    return ErasedLetters(len(theirs), 0, tuple(remains))


def _is_about(letter: Any, customer: str) -> bool:
    if letter.key == customer.encode():
        return True
    value = letter.value or b""
    try:
        content = json.loads(value, object_pairs_hook=_Fields)
        if isinstance(content, _Fields):
            return _names(content, customer, of_customer=False)
    except (ValueError, RecursionError) as error:
        logger.debug("a dead letter is searched for the customer's bytes: %s", type(error).__name__)
    # Not readable as an event: its bytes still may name the person.
    return any(customer.encode(encoding) in value for encoding in _ENCODINGS)


class _Fields(list[tuple[str, Any]]):
    """The fields of an object, those that occur twice included."""


def _names(content: object, customer: str, *, of_customer: bool) -> bool:
    # However the field is called, and however deep. Not elsewhere: somebody else's event may have this text as its id.
    if isinstance(content, _Fields):
        return any(
            _names(inner, customer, of_customer=of_customer or "customer" in name.lower()) for name, inner in content
        )
    if isinstance(content, list):
        return any(_names(inner, customer, of_customer=of_customer) for inner in content)
    return of_customer and str(content) == customer
