"""Dead letters: rejected records go to a topic of their own, whole, with the reason and where they came from."""

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTimestampError, KafkaError, MessageSizeTooLargeError
from faust.types import TP

from metrics.events.masking import masked
from metrics.events.placeholders import PLACEHOLDERS, is_nobody
from metrics.events.pseudonyms import pseudonym
from metrics.events.rejection import Rejected
from metrics.sources.routing import NAMED_BY
from streams.errors import Unreachable

SHOWN_CHARACTERS: Final = 4096
KEPT_BYTES: Final = 64 * 1024
WHOLE_BYTES: Final = 8 * 1024 * 1024
"""Larger records, which only packing brings through a broker, are cut at once: whole, a few would fill the memory."""

HEADER_BYTES: Final = 150
"""What a header costs in memory, however short it is."""

TRUNCATED: Final = "cx-truncated-from"
SOURCE: Final = NAMED_BY
TIMESTAMP: Final = "cx-timestamp-ms"


class _Customer(msgspec.Struct):
    customer: Any = None


_customer = msgspec.json.Decoder(_Customer).decode


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A rejected record with all that it came with.

    Attributes:
        tp: Topic and partition it was read from.
        offset: Its offset there.
        key: Its key, as it was.
        value: Its bytes, as they were, or the first KEPT_BYTES of more than WHOLE_BYTES; None for a tombstone.
        headers: Its headers, as they were.
        timestamp_ms: Its Kafka timestamp; None in the oldest format, which has none.
        rejected: Why it was rejected.
        cut_from: How many bytes it had where it was cut, else 0.
        mark: The fingerprint of its bytes where it was cut.
    """

    tp: TP
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp_ms: int | None
    rejected: Rejected
    cut_from: int = 0
    mark: int | None = None

    @classmethod
    def of(cls, tp: TP, record: Any, rejected: Rejected) -> "DeadLetter":
        """The dead letter of a record as the transport hands it out."""
        headers, value = tuple(record.headers or ()), record.value
        rejected = getattr(record, "rejected", None) or rejected  # by the transport: nobody else knows what it was
        if value is None or len(value) <= WHOLE_BYTES:
            return cls(tp, record.offset, record.key, value, headers, record.timestamp, rejected)
        return cls(
            tp, record.offset, record.key, value[:KEPT_BYTES], headers, record.timestamp, rejected,
            cut_from=len(value), mark=fingerprint(value),
        )  # fmt: skip

    @property
    def size(self) -> int:
        """Bytes that it keeps besides its value."""
        return len(self.key or b"") + sum(_size(header) for header in self.headers)

    def cut(self) -> "DeadLetter":
        """The same with the beginning of its value and key, and with as many of its headers as have room."""
        headers, room = [], KEPT_BYTES
        for header in self.headers:
            room -= _size(header)
            if room >= 0:
                headers.append(header)
        key = None if self.key is None else self.key[:KEPT_BYTES]
        value = None if self.value is None else self.value[:KEPT_BYTES]
        size = self.cut_from or len(self.value or b"")
        return replace(self, key=key, value=value, headers=tuple(headers), cut_from=size)

    def all_headers(self) -> list[tuple[str, bytes | None]]:
        """Its own headers, less ours of an earlier rejection, and ours."""
        ours = {
            "cx-reason": self.rejected.reason.value,
            "cx-detail": self.rejected.detail,
            "cx-topic": self.tp.topic,
            "cx-partition": str(self.tp.partition),
            "cx-offset": str(self.offset),
        }
        if self.rejected.source:
            ours[SOURCE] = self.rejected.source
        kept = [(name, value) for name, value in self.headers if name not in ours and name != TRUNCATED]
        return kept + [(name, text.encode("utf-8", "backslashreplace")) for name, text in ours.items()]

    def row(
        self, key: bytes, touchpoints: Collection[str], placeholders: Collection[str] = PLACEHOLDERS
    ) -> dict[str, Any]:
        """Its row of the table `rejected`: the payload as people may see it, the customer as a hash where it is read.

        Args:
            key: For the customer's pseudonym.
            touchpoints: Those of the registry, which may be shown.
            placeholders: What stands for no customer.
        """
        value = self.value or b""
        return {
            "reason": self.rejected.reason.value,
            "detail": self.rejected.detail.encode("utf-8", "backslashreplace").decode(),
            "topic": self.tp.topic,
            "partition": self.tp.partition,
            "offset": self.offset,
            "payload": masked(value, touchpoints, self.cut_from or None)[:SHOWN_CHARACTERS],
            "fingerprint": fingerprint(value) if self.mark is None else self.mark,
            "customer": _pseudonym(value, key, placeholders),
        }


def _size(header: tuple[str, bytes | None]) -> int:
    return HEADER_BYTES + len(header[0]) + len(header[1] or b"")


def fingerprint(value: bytes) -> int:
    """64 bits that distinguish records which share an offset: a broker that forgets counts from 0 again."""
    return int.from_bytes(hashlib.blake2b(value, digest_size=8).digest(), "big")


def _pseudonym(value: bytes, key: bytes, placeholders: Collection[str]) -> str:
    try:
        customer = _customer(value).customer
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    is_somebody = isinstance(customer, str) and not is_nobody(customer, placeholders)
    return pseudonym(customer, key) if is_somebody else ""


class DeadLetters:
    """Sends dead letters, and returns when the broker has acknowledged each."""

    def __init__(self, producer: AIOKafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    async def send(self, letters: Sequence[DeadLetter]) -> None:
        """Sends all, in order, and waits for every acknowledgement.

        Raises:
            Unreachable: Some were not acknowledged; sending all again is harmless.
        """
        try:
            # A broker that has forgotten the topic creates it at a request for its metadata. The embedded one
            # acknowledges, and never shows, what is sent to it before that.
            if not await self._producer.client.force_metadata_update():
                raise Unreachable(f"the broker of the dead-letter topic {self._topic} does not answer")
            sent = [await self._send(letter) for letter in letters]
            outcomes = await asyncio.gather(*sent, return_exceptions=True)
            for letter, outcome in zip(letters, outcomes, strict=True):
                if isinstance(outcome, MessageSizeTooLargeError):
                    await (await self._start_cut(letter))
                elif isinstance(outcome, InvalidTimestampError):
                    await self._send_now(letter)
                elif isinstance(outcome, BaseException):
                    raise outcome
        except KafkaError as error:
            raise Unreachable(f"the dead-letter topic {self._topic} did not acknowledge: {error!r}") from error

    async def _send(self, letter: DeadLetter) -> "asyncio.Future[Any]":
        if letter.cut_from:
            return await self._start_cut(letter)
        try:
            return await self._start(letter)
        except MessageSizeTooLargeError:
            return await self._start_cut(letter)

    async def _send_now(self, letter: DeadLetter) -> None:
        # The topic of events may take timestamps that this one does not: the header keeps what it was.
        stamp = (TIMESTAMP, b"%d" % (letter.timestamp_ms or 0))
        timeless = replace(letter, timestamp_ms=None, headers=(*letter.headers, stamp))
        try:
            await (await self._send(timeless))
        except MessageSizeTooLargeError:
            await (await self._start_cut(timeless))

    async def _start(self, letter: DeadLetter, *more: tuple[str, bytes]) -> "asyncio.Future[Any]":
        headers = [*letter.all_headers(), *more]
        stamp_ms = letter.timestamp_ms if letter.timestamp_ms is not None and letter.timestamp_ms >= 0 else None
        # Kafka takes a record with neither key nor value, aiokafka's producer does not.
        value = b"" if letter.value is None and letter.key is None else letter.value
        future: asyncio.Future[Any] = await self._producer.send(
            self._topic, value, letter.key, headers=headers, timestamp_ms=stamp_ms
        )
        # All are looked at by `send`, unless it is cut off: then nobody needs to hear of those that fail.
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        return future

    async def _start_cut(self, letter: DeadLetter) -> "asyncio.Future[Any]":
        # A record larger than this topic or a request allows: its beginning must do, and says so.
        cut = letter.cut()
        return await self._start(cut, (TRUNCATED, b"%d" % cut.cut_from))
