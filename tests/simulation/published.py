"""What is published in a simulation, and what is to be there at the end."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from metrics.events.pseudonyms import pseudonym
from tests.simulation.clocks import STARTS
from tests.streams.given import KEY, encoded, event

MINUTES: Final = tuple(STARTS - timedelta(minutes=ago) for ago in (1, 2, 5, 24 * 60))
"""In which events occur: two of the day in which the simulation starts, one of each of the two days before."""

AHEAD: Final = STARTS + timedelta(minutes=4)
"""Of publishers whose clock is ahead, as far as it may be."""

SOURCES: Final = ("shop", "app")
CUSTOMERS: Final = ("c-1", "c-2", "c-3")
PERSON: Final = pseudonym(CUSTOMERS[0], KEY)
"""Who is erased, where anybody is."""


@dataclass(frozen=True)
class Publication:
    """A record to be published.

    Attributes:
        value: Its bytes.
        identity: Source and id of its event; None where it is none.
        customer: The hash of the customer that it names.
        occurred_ms: When it says that it occurred, epoch milliseconds; None where that cannot be read.
    """

    value: bytes
    identity: tuple[str, str] | None
    customer: str
    occurred_ms: int | None = None


def publications(choices: random.Random, count: int) -> list[Publication]:
    """Some records: two publishers use the same ids, some events come twice, or again with another touchpoint."""
    return [_publication(choices) for _ in range(count)]


def _publication(choices: random.Random) -> Publication:
    if choices.random() < 0.12:
        if choices.random() < 0.5:
            return Publication(b'{"event_id":', None, "")
        return Publication(b'{"customer": "%s", "event_id":' % CUSTOMERS[0].encode(), None, PERSON)
    number, source = choices.randrange(12), choices.choice(SOURCES)
    customer = CUSTOMERS[0 if number % 4 else number % len(CUSTOMERS)]
    at = AHEAD if number == 9 else MINUTES[number % len(MINUTES)]
    found = event(
        number, "visit" if number % 4 == 3 else "nps", at, source=source,
        customer=customer, touchpoint=choices.choice(("web.checkout", "delivery.parcel")),
        count=2 if number % 4 == 3 else None,
    )  # fmt: skip
    return Publication(encoded(found), (source, f"e-{number}"), pseudonym(customer, KEY), int(at.timestamp() * 1000))
