"""Simulated context of what happens: invitations to surveys at some touchpoints, and notes.

It is drawn from generators of its own, one for each answer, so that a company with it does the same as one without.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush, merge
from typing import Final

from streams.simulate.company import SCORED
from streams.simulate.events import EventFields

SURVEYED: Final = ("sales.quote", "events.fair_stand")
"""Where customers are invited; elsewhere they answer of their own accord."""
ANSWERED_ONE_IN: Final = 4
"""About one invitation in so many is answered."""
UNASKED: Final = 0.1
"""Share of the answers there that nobody was invited to give."""
MEAN_WAIT_S: Final = 6 * 3600.0
LONGEST_WAIT: Final = timedelta(days=2)
_HOUR: Final = len("2026-11-01T12")
NOTES: Final = (
    (timedelta(days=63), {"text": "List prices raised by 3 %"}),
    (timedelta(days=36), {"text": "Autumn campaign began", "department": "marketing"}),
    (timedelta(days=13, hours=5), {"text": "New telephone system installed", "touchpoint": "service.switchboard"}),
)
"""How long before the end of the history, and about what."""


def with_context(
    happened: Iterable[EventFields], *, seed: int, start: datetime, end: datetime
) -> Iterator[EventFields]:
    """Return events with invitations to surveys and notes among them, in order of occurred_at.

    Args:
        happened: Events in order; they are read up to two days ahead, for an invitation comes before its answer.
        seed: Any integer; another one gives other invitations.
        start: No invitation is sent before it, aware.
        end: Of the history, aware: notes are of certain times before it.
    """
    waiting: list[tuple[str, int, EventFields]] = []
    number, hour = 0, ""
    for event in merge(happened, _notes(start, end), key=_stamp):
        for item in (*_invitations(event, seed, start), event):
            number += 1
            heappush(waiting, (_stamp(item), number, item))
        if _stamp(event)[:_HOUR] != hour:  # once an hour: what is settled then is no other for being looked at before
            hour = _stamp(event)[:_HOUR]
            settled = _text(_instant(event) - LONGEST_WAIT)
            while waiting and waiting[0][0] <= settled:
                yield heappop(waiting)[2]
    while waiting:
        yield heappop(waiting)[2]


def _invitations(event: EventFields, seed: int, start: datetime) -> Iterator[EventFields]:
    """The invitation that an answer followed, and some that nobody answered."""
    if event["kind"] not in SCORED or event["touchpoint"] not in SURVEYED or "customer" not in event:
        return
    rng = random.Random(f"invitations {seed} {event['event_id']}")  # noqa: S311  not for secrets
    invited = [] if rng.random() < UNASKED else [event["customer"]]
    others = range(2 * (ANSWERED_ONE_IN - 1) + 1)
    invited += [f"{event['customer']}-{number}" for number in range(rng.choice(others))]
    for position, customer in enumerate(invited):
        wait = timedelta(seconds=rng.expovariate(1 / MEAN_WAIT_S))
        at = _instant(event) - min(LONGEST_WAIT, wait + timedelta(seconds=1))
        if at >= start:
            yield {
                "event_id": f"{event['event_id']}-asked-{position}",
                "source": "survey-tool",
                "kind": "survey_sent",
                "touchpoint": event["touchpoint"],
                "occurred_at": _text(at),
                "customer": customer,
            }


def _notes(start: datetime, end: datetime) -> Iterator[EventFields]:
    for number, (lead, fields) in enumerate(NOTES):
        if end - lead >= start:
            yield {
                "event_id": f"note-{number}",
                "source": "calendar",
                "kind": "note",
                "occurred_at": _text(end - lead),
                **fields,
            }


def _stamp(event: EventFields) -> str:
    return str(event["occurred_at"])


def _instant(event: EventFields) -> datetime:
    return datetime.fromisoformat(_stamp(event))


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
