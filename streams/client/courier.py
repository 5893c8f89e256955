"""The courier: keeps events on disk, and sends them until the broker has acknowledged each, in a thread of its own."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import islice, takewhile
from typing import Final

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from streams.client.delivery import Delivery, NotAccepted, NotDelivered
from streams.embedded.spool import Spool
from streams.errors import ConfigurationError, Unreachable
from streams.kafka.client import connected_producer
from streams.runtime.retry import retry_while_unreachable
from streams.settings.settings import KafkaSettings

logger = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 2_000
"""Events that are written or sent together."""
LINGER_MS: Final = 5
REQUEST_MS: Final = 10_000
STOP_PRODUCER_S: Final = 2.0
ON_DISK: Final = "it is on the disk: the next publisher of this directory sends it"


class Parcel(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A record on its way."""

    key: bytes
    value: bytes


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Parcel).decode


class Courier:
    """Its methods are for the thread of its loop, but for `inbox`, to which any thread appends."""

    def __init__(self, spool: Spool, kafka: KafkaSettings) -> None:
        self.inbox: deque[tuple[Parcel, Delivery]] = deque()
        self.arrived = asyncio.Event()
        self.closing = asyncio.Event()
        self._spool, self._kafka = spool, kafka
        self._waiting: dict[int, tuple[Parcel, Delivery | None]] = {
            entry.number: (_unpack(entry.records), None) for entry in spool.held()
        }
        self._alone: set[int] = set()  # the topic refused them together with others
        self._producer: AIOKafkaProducer | None = None

    @property
    def left(self) -> int:
        """How many events are on the disk, or about to be, and not acknowledged."""
        return len(self._waiting) + len(self.inbox)

    async def run(self, flush_s: float) -> None:
        """Carries events until `closing`, and then for so many seconds at most while any are left."""
        sending = asyncio.create_task(self._send_all())
        closing = asyncio.create_task(self.closing.wait())
        try:
            while not closing.done():
                arrival = asyncio.create_task(self.arrived.wait())
                await asyncio.wait({arrival, closing, sending}, return_when=asyncio.FIRST_COMPLETED)
                arrival.cancel()
                if sending.done():
                    sending.result()  # a bug: it ends by itself only when all is closed
                self._keep_all()
            self._keep_all()
            await asyncio.wait({sending}, timeout=flush_s)
        finally:
            for task in (sending, closing):
                task.cancel()
            await asyncio.wait({sending, closing})
            await self._stop()
            for _, delivery in self._waiting.values():
                if delivery is not None:
                    delivery.failed(NotDelivered(f"closed before the broker acknowledged the event; {ON_DISK}"))

    def _keep_all(self) -> None:
        self.arrived.clear()
        while self.inbox:
            taken = [self.inbox.popleft() for _ in range(min(len(self.inbox), MOST_AT_ONCE))]
            try:
                numbers = self._spool.write([(0, _pack(parcel)) for parcel, _ in taken], time.time())
            except OSError as error:
                for _, delivery in taken:
                    delivery.failed(NotAccepted(f"the disk took no more: {error}"))
                continue
            for number, (parcel, delivery) in zip(numbers, taken, strict=True):
                self._waiting[number] = parcel, delivery
                delivery.on_disk()

    async def _send_all(self) -> None:
        while not (self.closing.is_set() and not self._waiting and not self.inbox):
            if self._waiting:
                await retry_while_unreachable("publishing events", self._send_some)
            else:
                await asyncio.sleep(LINGER_MS / 1000)

    async def _send_some(self) -> None:
        """Sends the oldest; those that were too large together one by one.

        Raises:
            Unreachable: Not all of them were acknowledged.
        """
        batch = self._next_batch()
        try:
            producer = await self._connected()
            sent = [await self._send(producer, self._waiting[number][0]) for number in batch]
        except (KafkaError, ConfigurationError) as error:
            raise Unreachable(f"{self._kafka.bootstrap_servers}: {error!r}") from error
        outcomes = dict(zip(batch, await asyncio.gather(*sent, return_exceptions=True), strict=True))
        self._settle(outcomes)
        failed = next((outcome for outcome in outcomes.values() if isinstance(outcome, BaseException)), None)
        if failed is not None and not isinstance(failed, MessageSizeTooLargeError):
            raise Unreachable(f"{self._kafka.bootstrap_servers}: {failed!r}") from failed

    def _next_batch(self) -> list[int]:
        oldest = list(islice(self._waiting, MOST_AT_ONCE))
        return list(takewhile(lambda number: number not in self._alone, oldest)) or oldest[:1]

    async def _send(self, producer: AIOKafkaProducer, parcel: Parcel) -> "asyncio.Future[object]":
        try:
            future: asyncio.Future[object] = await producer.send(self._kafka.topic, parcel.value, parcel.key)
        except MessageSizeTooLargeError as error:
            future = asyncio.get_running_loop().create_future()
            future.set_exception(error)
        # All are looked at, unless the publisher is closed: then nobody needs to hear of those that fail.
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        return future

    def _settle(self, outcomes: Mapping[int, object]) -> None:
        done: list[int] = []
        for number, outcome in outcomes.items():
            _, delivery = self._waiting[number]
            if isinstance(outcome, MessageSizeTooLargeError):
                # A broker judges records that came together as one: only alone it is the event that is too large.
                if len(outcomes) > 1:
                    self._alone.add(number)
                    continue
                self._refused(delivery, outcome)
            elif isinstance(outcome, BaseException):
                continue
            elif delivery is not None:
                delivery.at_broker()
            done.append(number)
        self._forget(done)

    def _refused(self, delivery: Delivery | None, error: Exception) -> None:
        logger.error("the topic %s takes no event of this size: %r", self._kafka.topic, error)
        if delivery is not None:
            delivery.failed(NotDelivered(f"the topic {self._kafka.topic} takes no event of this size"))

    def _forget(self, numbers: Iterable[int]) -> None:
        done = list(numbers)
        for number in done:
            del self._waiting[number]
        self._alone.difference_update(done)
        with suppress(OSError):  # they are sent again at the next start, which changes nothing
            self._spool.forget(done, time.time())

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = await connected_producer(self._kafka, linger_ms=LINGER_MS, request_timeout_ms=REQUEST_MS)
        return self._producer

    async def _stop(self) -> None:
        if self._producer is not None:
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(self._producer.stop(), STOP_PRODUCER_S)
