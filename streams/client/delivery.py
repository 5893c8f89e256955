"""What becomes of one published event, and why one is not accepted."""

import asyncio
from collections.abc import Generator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from metrics.events.rejection import Rejected


class InvalidEvent(ValueError):
    """The service would reject the event; nothing was sent.

    Attributes:
        rejected: The reason, and a sentence about the field.
    """

    def __init__(self, rejected: Rejected) -> None:
        super().__init__(f"{rejected.reason}: {rejected.detail}")
        self.rejected = rejected


class NotAccepted(Exception):
    """The publisher is closed, has too many events waiting, or its disk took no more: the event is the caller's."""


class NotDelivered(Exception):
    """The broker has not acknowledged the event; the message says whether it is still on the disk."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Two steps that an event takes: on this machine's disk, then acknowledged by the broker.

    From the first on it is accepted: it arrives, also if this process is killed, once a publisher of its directory
    runs. Awaiting a delivery waits for the second, as `result` does.
    """

    _kept: "Future[None]" = field(default_factory=Future)
    _acknowledged: "Future[None]" = field(default_factory=Future)

    def kept(self, timeout_s: float | None = None) -> None:
        """Waits until the event is on the disk.

        Raises:
            NotAccepted: The disk did not take it.
            TimeoutError: Not within that time.
        """
        self._kept.result(timeout_s)

    def result(self, timeout_s: float | None = None) -> None:
        """Waits until the broker has acknowledged the event.

        Raises:
            NotAccepted: The disk did not take it.
            NotDelivered: The publisher was closed before, or the broker will never take it.
            TimeoutError: Not within that time.
        """
        self._acknowledged.result(timeout_s)

    @property
    def is_kept(self) -> bool:
        """Whether the event is on the disk."""
        return self._kept.done() and self._kept.exception() is None

    @property
    def is_acknowledged(self) -> bool:
        """Whether the broker has it."""
        return self._acknowledged.done() and self._acknowledged.exception() is None

    def __await__(self) -> Generator[Any, None, None]:

        # Whoever stops waiting must not stop the delivery.
        return asyncio.shield(asyncio.wrap_future(self._acknowledged)).__await__()

    def on_disk(self) -> None:
        """The first step is taken."""
        self._kept.set_result(None)

    def at_broker(self) -> None:
        """The second step is taken."""
        self._acknowledged.set_result(None)

    def failed(self, error: Exception) -> None:
        """The steps that are left are not taken."""
        for step in (self._kept, self._acknowledged):
            if not step.done():
                step.set_exception(error)
