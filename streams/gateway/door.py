"""The door: one request with events, from its head to the broker's acknowledgement.

All or nothing: 202 says that the broker has every event of a request; after any other answer, the request as it was,
or without the events that the answer names, is sent again.

What webhooks send goes to the broker as it came: a tool that gets 400 stops calling some day, and what it had to say is
lost; the workers map it, and what does not fit is a dead letter that a corrected mapping takes.
"""

import math
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from aiohttp import web

from metrics.events.carried import Carried
from metrics.events.decoding import Run, decode_run
from metrics.events.event import Event, RecordLimits
from metrics.events.placeholders import is_nobody
from metrics.events.rejection import Rejected
from metrics.events.scope import FOREIGN_SOURCE, FOREIGN_TOUCHPOINT, SCOPED_BY, Foreign, Scope, scope_header
from streams.gateway.answers import Accepted, Declined, DoorRefusal, Fault, json_answer
from streams.gateway.bodies import events_of, to_reserve
from streams.gateway.budget import Budget, Full, Reservation
from streams.gateway.foreign import ForeignRecord, foreign_verdict
from streams.gateway.gate import EventsGate
from streams.gateway.publishers import PublisherAccount
from streams.gateway.rates import Rates
from streams.gateway.sender import NotAcknowledged, Record, Sender, TooLargeForTopic
from streams.gateway.telemetry import GatewayTelemetry
from streams.settings.gateway import GatewaySettings

COME_AGAIN_S: Final = 5
MOST_FAULTS: Final = 100
FOREIGN_REASONS: Final = frozenset({FOREIGN_SOURCE, FOREIGN_TOUCHPOINT})
SEND_AGAIN: Final = "send the request again: an event counts once, however often it comes"


class Door:
    """Takes events, and answers when the broker has them."""

    def __init__(
        self,
        settings: GatewaySettings,
        limits: RecordLimits,
        nobodies: Collection[str],
        gate: EventsGate,
        sender: Sender,
        telemetry: GatewayTelemetry,
    ) -> None:
        """Begins without anything pending.

        Args:
            settings: Of the gateway.
            limits: Of an event, those of the workers.
            nobodies: Customers that stand for nobody, likewise.
            gate: Finds the publisher of a request.
            sender: To the broker.
            telemetry: The gateway's series.
        """
        self._settings, self._limits, self._nobodies = settings, limits, nobodies
        self._gate, self._sender, self._telemetry = gate, sender, telemetry
        self._rates = Rates()
        self.budget = Budget(settings.pending_bytes)
        self.stopping = False

    async def events(self, request: web.Request) -> web.Response:
        """Takes the events that a request carries.

        Raises:
            Declined: Something is wrong with it, or it cannot be taken now.
        """
        began_s = time.monotonic()
        publisher = self._gate.publisher(request)
        reservation = self.admit(request, publisher)
        try:
            events = await events_of(request, self._settings, reservation)
            count = await self.take(events, publisher, reservation)
        finally:
            reservation.release()
        self._telemetry.seconds.observe(time.monotonic() - began_s)
        return json_answer(Accepted(count), 202)

    async def take(self, events: Sequence[Carried], publisher: PublisherAccount, reservation: Reservation) -> int:
        """Has the broker acknowledge events; returns how many.

        Args:
            events: As they were sent, at least one.
            publisher: Whose they are.
            reservation: Of the bytes that they take; released when the broker has answered for all.

        Raises:
            Declined: One of them is wrong, the publisher sends too fast, or the broker does not acknowledge.
        """
        self._pace(publisher, len(events))
        stamp_ms = int(time.time() * 1000)
        values = [event for event in events if isinstance(event, bytes)]
        run = decode_run(values, [stamp_ms] * len(values), self._limits)
        self._require_sound(events, run, publisher.scope)
        records = [Record(self._key(event), value) for event, value in zip(run.events, values, strict=True)]
        await self._deliver(records, stamp_ms, publisher, reservation)
        return len(records)

    async def take_foreign(
        self, records: Sequence[ForeignRecord], publisher: PublisherAccount, reservation: Reservation
    ) -> Sequence[Fault]:
        """Has the broker acknowledge records of a source as they came; the workers map them.

        Args:
            records: Of one request, at least one.
            publisher: Whose they are.
            reservation: As of `take`.

        Returns:
            The records that do not fit the mapping: they become dead letters, until it is corrected.

        Raises:
            Declined: They give events that are not the publisher's to send, or as of `take`.
        """
        self._pace(publisher, len(records))
        stamp_ms = int(time.time() * 1000)
        verdicts = [foreign_verdict(record, stamp_ms, self._limits) for record in records]
        foreign = [
            _fault(index, fault)
            for index, verdict in enumerate(verdicts)
            for event in verdict.events
            if (fault := publisher.scope.foreign(event)) is not None
        ]
        self._refuse(foreign, len(records))
        keys = [self._key(verdict.events[0]) if verdict.events else None for verdict in verdicts]
        scope = scope_header(publisher.scope)
        scoped = () if scope is None else ((SCOPED_BY, scope),)
        sent = [Record(key, it.value, (*it.headers, *scoped)) for key, it in zip(keys, records, strict=True)]
        await self._deliver(sent, stamp_ms, publisher, reservation)
        unfit = [(index, verdict.rejected) for index, verdict in enumerate(verdicts) if verdict.rejected is not None]
        return [_fault(index, rejected) for index, rejected in unfit[:MOST_FAULTS]]

    def _pace(self, publisher: PublisherAccount, count: int) -> None:
        per_s = publisher.events_per_s or self._settings.events_per_s
        self._rates.take(publisher.name, count, per_s, time.monotonic())

    async def _deliver(
        self, records: Sequence[Record], stamp_ms: int, publisher: PublisherAccount, reservation: Reservation
    ) -> None:
        try:
            await self._sender.send(records, stamp_ms, reservation.hand_over())
        except NotAcknowledged as error:
            raise Declined(503, f"{error}; {SEND_AGAIN}", COME_AGAIN_S) from error
        except TooLargeForTopic as error:
            raise Declined(413, str(error)) from error
        self._telemetry.events.labels(publisher.name).inc(len(records))

    def unready(self) -> str:
        """Why no events are taken now; "" where they are."""
        return "the gateway stops" if self.stopping else self._sender.unready()

    def admit(self, request: web.Request, publisher: PublisherAccount) -> Reservation:
        """Room in memory for the body of a request.

        Raises:
            Declined: There is none, or the gateway or the publisher has to wait, or it is too long.
        """
        if why := self.unready():
            raise Declined(503, f"{why}; {SEND_AGAIN}", COME_AGAIN_S)
        if (wait_s := self._rates.wait_s(publisher.name, time.monotonic())) > 0:
            wait_s = math.ceil(wait_s)
            raise Declined(429, f"{publisher.name} sends more than it may: send again in {wait_s} s", wait_s)
        try:
            return self.budget.reserve(to_reserve(request, self._settings))
        except Full:
            raise Declined(503, f"too much waits for the broker; {SEND_AGAIN}", COME_AGAIN_S) from None

    def _require_sound(self, events: Sequence[Carried], run: Run, scope: Scope) -> None:
        self._refuse(sorted(_faults_of(events, run, scope), key=lambda fault: fault.index), len(events))

    def _refuse(self, faults: Sequence[Fault], count: int) -> None:
        if not faults:
            return
        for fault in faults:
            self._telemetry.rejected.labels(fault.reason).inc()
        is_foreign = all(fault.reason in FOREIGN_REASONS for fault in faults)
        what = "are not this token's to send" if is_foreign else "are wrong"
        error = (
            f"{len(faults)} of {count} events {what}, and none was sent: correct them or leave them out, "
            "and send the request again"
        )
        raise Declined(403 if is_foreign else 400, DoorRefusal(error, list(faults[:MOST_FAULTS]), len(faults)))

    def _key(self, event: Event) -> bytes:
        # As cxb publish does. Placeholders stand for nobody: all of them in one partition would wait for each other.
        customer = event.customer or ""
        return (event.event_id if is_nobody(customer, self._nobodies) else customer).encode()


def _faults_of(events: Sequence[Carried], run: Run, scope: Scope) -> Iterator[Fault]:
    for index, event in enumerate(events):
        if isinstance(event, Rejected):
            yield _fault(index, event)
    at = [index for index, event in enumerate(events) if not isinstance(event, Rejected)]
    rejected = dict(run.rejected)
    for position, verdict in rejected.items():
        yield _fault(at[position], verdict)
    accepted = (index for position, index in enumerate(at) if position not in rejected)
    for index, sound in zip(accepted, run.events, strict=True):
        if (foreign := scope.foreign(sound)) is not None:
            yield _fault(index, foreign)


def _fault(index: int, verdict: Rejected | Foreign) -> Fault:
    # A text of the record may have what is no UTF-8: a lone surrogate in the name of a field.
    detail = verdict.detail.encode("utf-8", "backslashreplace").decode()
    return Fault(index, str(verdict.reason), verdict.field, detail)
