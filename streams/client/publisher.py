"""The publisher: a service hands it events, and goes on."""

import asyncio
import atexit
import fcntl
import logging
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec

from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.events.placeholders import PLACEHOLDERS, is_nobody
from streams.client.courier import STOP_PRODUCER_S, Courier, Parcel
from streams.client.delivery import Delivery, InvalidEvent, NotAccepted
from streams.client.events import AnyEvent
from streams.embedded.spool import Spool
from streams.errors import ConfigurationError
from streams.settings.settings import KafkaSettings

logger = logging.getLogger(__name__)

MOST_WAITING: Final = 200_000
"""Events that wait for the broker. They are in memory too: some hundred megabytes."""
FLUSH_S: Final = 10.0


class Publisher:
    """Publishes events from any thread or loop. One for a process; each process needs a directory of its own.

    `publish` checks an event, takes it and returns at once. A thread writes it to the directory and sends it until the
    broker has acknowledged it, however long that takes; what a killed process left there is sent at the next start.
    """

    def __init__(
        self,
        directory: Path | str,
        kafka: KafkaSettings | None = None,
        *,
        flush_s: float = FLUSH_S,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        """Starts the thread. The broker need not be there.

        Args:
            directory: Where events wait, made if absent.
            kafka: Broker, topic and credentials; from the environment (`CXB_KAFKA_*`) by default.
            flush_s: How long closing waits for acknowledgements, seconds.
            most_waiting: How many events may wait for the broker before another is not accepted.

        Raises:
            ConfigurationError: The directory cannot be used, or another publisher uses it.
        """
        self._flush_s, self._most_waiting = flush_s, most_waiting
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._is_closed = False
        self._owner = _locked(Path(directory))
        try:
            self._spool = Spool(Path(directory))
        except OSError as error:
            raise ConfigurationError(f"cannot keep events in {directory}: {error}") from error
        for first, last in self._spool.lost:
            logger.error("events %d to %d that were kept in %s are not there any more", first, last, directory)
        self._loop = asyncio.new_event_loop()
        self._courier = Courier(self._spool, kafka or KafkaSettings())
        self._thread = threading.Thread(target=self._run, name="cx-balance publisher", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def publish(self, event: AnyEvent | Mapping[str, Any]) -> Delivery:
        """Takes an event, and returns at once.

        Args:
            event: One of `streams.client.events`, or a mapping with the fields of its JSON.

        Returns:
            What becomes of it: wait for it, await it, or ignore it.

        Raises:
            InvalidEvent: The service would reject it.
            NotAccepted: The publisher is closed, of another process, or too many events wait for the broker.
        """
        parcel, delivery = parcel_of(event, time.time()), Delivery()
        if os.getpid() != self._process:
            raise NotAccepted("the publisher is of the process before the fork: make one in each process")
        with self._lock:
            if self._is_closed:
                raise NotAccepted("the publisher is closed")
            if self._courier.left >= self._most_waiting:
                raise NotAccepted(f"{self._most_waiting} events wait for the broker: try again later")
            self._courier.inbox.append((parcel, delivery))
            self._loop.call_soon_threadsafe(self._courier.arrived.set)
        return delivery

    def close(self) -> int:
        """Takes no more events, and waits for the acknowledgements of those it has, for `flush_s` at most.

        Returns:
            How many are on the disk and not acknowledged: the next publisher of the directory sends them.
        """
        if os.getpid() != self._process:
            return 0  # the thread and the events are of the process before the fork
        with self._lock:
            is_first, self._is_closed = not self._is_closed, True
            if is_first:
                self._loop.call_soon_threadsafe(self._courier.closing.set)
        self._thread.join(self._flush_s + 2 * STOP_PRODUCER_S)
        atexit.unregister(self.close)
        return self._courier.left

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._courier.run(self._flush_s))
        except Exception:
            logger.exception("the publisher has stopped; what it has kept is sent at the next start")
        finally:
            with self._lock:
                self._is_closed = True
            for _, delivery in self._courier.inbox:
                delivery.failed(NotAccepted("the publisher has stopped"))
            self._spool.close()
            self._loop.close()
            self._owner.close()

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    async def __aenter__(self) -> "Publisher":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)


def parcel_of(event: AnyEvent | Mapping[str, Any], now_s: float) -> Parcel:
    """An event as a record, checked as the service will check it.

    Raises:
        InvalidEvent: The service would reject it.
    """
    value = msgspec.json.encode(event)
    run = decode_run([value], [int(now_s * 1000)], RecordLimits())
    if run.rejected:
        raise InvalidEvent(run.rejected[0][1])
    [accepted] = run.events
    customer = accepted.customer
    is_somebody = isinstance(customer, str) and not is_nobody(customer, PLACEHOLDERS)
    return Parcel((str(customer) if is_somebody else accepted.event_id).encode(), value)


def _locked(directory: Path) -> Any:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (directory / "lock").open("ab")
    except OSError as error:
        raise ConfigurationError(f"cannot keep events in {directory}: {error}") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise ConfigurationError(f"another publisher uses {directory}: give each process its own") from error
    return file
