"""Sending to the broker, and waiting until it has acknowledged every event."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, TopicAuthorizationFailedError

from streams.errors import CxbError, Unreachable
from streams.gateway.budget import Reservation
from streams.kafka.client import connected_producer, ensure_topics
from streams.runtime.listening import STARTED_WITH_US_S, until_listening
from streams.runtime.retry import retry_while_unreachable
from streams.settings.settings import KafkaSettings

GATEWAY_LINGER_MS: Final = 5
BATCH_BYTES: Final = 256 * 1024
STOP_OLD_S: Final = 5.0

logger = logging.getLogger(__name__)

Connect = Callable[[], Awaitable[AIOKafkaProducer]]


@dataclass(frozen=True, slots=True)
class Record:
    """An event on its way, or what a webhook sent: key, value and headers of its record."""

    key: bytes | None
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()


class NotAcknowledged(Unreachable):
    """The broker has not acknowledged all events of a request. Some may land all the same."""


class TooLargeForTopic(CxbError):
    """The topic takes no event as large as one of a request."""


def connector(settings: KafkaSettings, *, embedded: bool) -> Connect:
    """How to connect to a broker.

    Args:
        settings: The broker, and its topics, which are made where they are missing and may be.
        embedded: Whether it is the embedded broker, which is started at the same time.
    """

    async def connect() -> AIOKafkaProducer:
        if embedded:
            await until_listening(settings.bootstrap_servers, STARTED_WITH_US_S)
        await ensure_topics(settings)
        return await connected_producer(
            settings, enable_idempotence=True, linger_ms=GATEWAY_LINGER_MS, max_batch_size=BATCH_BYTES
        )

    return connect


class Sender:
    """Sends requests' events to a topic. What it has of a request is released when the broker has answered for all."""

    def __init__(self, topic: str, connect: Connect, answer_s: float) -> None:
        """Connects to nothing yet; without an acknowledgement for `answer_s` seconds a request fails."""
        self._topic, self._connect, self._answer_s = topic, connect, answer_s
        self._producer: AIOKafkaProducer | None = None
        self._broken = asyncio.Event()
        self._deliveries: dict[asyncio.Task[None], float] = {}

    async def run(self) -> None:
        """Keeps a producer until cancelled; after an error that one does not survive, another.

        Raises:
            ConfigurationError: The broker rejects our credentials, or a topic is missing and may not be made.
        """
        while True:
            producer = await retry_while_unreachable("gateway", self._connect)
            self._broken.clear()
            self._producer = producer
            try:
                await self._broken.wait()
            finally:
                self._producer = None
                await _stop(producer)

    def unready(self) -> str:
        """Why events cannot be taken now; "" where they can, as far as the last ones showed."""
        if self._producer is None:
            return "the broker does not answer"
        oldest_s = min(self._deliveries.values(), default=None)
        is_stalled = oldest_s is not None and asyncio.get_running_loop().time() - oldest_s > self._answer_s
        return f"the broker has acknowledged nothing for {self._answer_s:g} s" if is_stalled else ""

    @property
    def pending(self) -> int:
        """How many requests wait for the broker, those that were answered with 503 as well."""
        return len(self._deliveries)

    async def send(self, records: Sequence[Record], stamp_ms: int, reservation: Reservation) -> None:
        """Returns once the broker has acknowledged all records.

        Args:
            records: In their order.
            stamp_ms: Their timestamp, milliseconds since 1970.
            reservation: Released when nothing of them is in memory, which may be later.

        Raises:
            NotAcknowledged: Not in time, or the broker failed.
            TooLargeForTopic: The topic does not take one of them.
        """
        if (producer := self._producer) is None:
            reservation.release()
            raise NotAcknowledged("the broker does not answer")
        delivery = asyncio.create_task(self._deliver(producer, records, stamp_ms))
        self._deliveries[delivery] = asyncio.get_running_loop().time()

        def end(task: asyncio.Task[None]) -> None:
            del self._deliveries[task]
            reservation.release()
            if not task.cancelled():
                task.exception()  # whoever waited for it has its answer by now

        delivery.add_done_callback(end)
        # Not cancelled at the deadline: what the producer has of it is still sent, and in memory until then.
        done, _ = await asyncio.wait((delivery,), timeout=self._answer_s)
        if not done:
            raise NotAcknowledged(f"the broker has not acknowledged the events within {self._answer_s:g} s")
        delivery.result()

    async def finish(self) -> None:
        """Waits until all that is on its way is answered for, or has had the time for that."""
        if self._deliveries:
            await asyncio.wait([*self._deliveries], timeout=self._answer_s)
        for delivery in self._deliveries:
            delivery.cancel()

    async def _deliver(self, producer: AIOKafkaProducer, records: Sequence[Record], stamp_ms: int) -> None:
        futures: list[asyncio.Future[Any]] = []
        failure: BaseException | None = None
        try:
            for record in records:
                sent = await producer.send(
                    self._topic, record.value, record.key, timestamp_ms=stamp_ms, headers=list(record.headers)
                )
                futures.append(sent)
        except KafkaError as error:
            failure = error
        # All of them, also after one has failed: until then they are in memory.
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
        failure = failure or next((outcome for outcome in outcomes if isinstance(outcome, BaseException)), None)
        if failure is None:
            return
        if not isinstance(failure, KafkaError):
            raise failure
        # A batch that failed leaves a gap in the producer's numbers, after which the broker takes nothing of it.
        if not failure.retriable and not isinstance(failure, TopicAuthorizationFailedError):
            self._broken.set()
        if isinstance(failure, MessageSizeTooLargeError):
            detail = f"an event is larger than {self._topic} takes: shorten it, or raise the topic's max.message.bytes"
            raise TooLargeForTopic(detail) from failure
        raise NotAcknowledged(f"the broker failed: {failure!r}") from failure


async def _stop(producer: AIOKafkaProducer) -> None:
    # What is not acknowledged by now was answered with 503, so that nobody takes it for accepted.
    with suppress(KafkaError, TimeoutError):
        await asyncio.wait_for(producer.stop(), STOP_OLD_S)
