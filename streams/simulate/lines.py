"""Simulated events as lines of NDJSON, some of them broken the way that real publishers break them."""

import random
from collections.abc import Callable, Iterable, Iterator

import msgspec

from streams.simulate.events import EventFields


def ndjson(events: Iterable[EventFields], *, bad_share: float = 0.0, seed: int = 0) -> Iterator[bytes]:
    r"""Return each event as one line of UTF-8 JSON that ends in a newline.

    Args:
        events: JSON-ready events.
        bad_share: The probability, 0..1, that an event is replaced by one that is rejected.
        seed: Chooses which are replaced and how; the good lines do not depend on it.

    Raises:
        ValueError: If bad_share is outside 0..1.

    >>> list(ndjson([{"event_id": "e-1"}]))
    [b'{"event_id":"e-1"}\n']
    """
    if not 0 <= bad_share <= 1:
        raise ValueError(f"bad_share is {bad_share}: give a share of at least 0 and at most 1")
    rng = random.Random(f"bad {seed}")  # noqa: S311  not for secrets
    return (_line(event, rng, bad_share) for event in events)


def _line(event: EventFields, rng: random.Random, bad_share: float) -> bytes:
    if rng.random() < bad_share:
        return rng.choice(MISTAKES)(event, rng) + b"\n"
    return msgspec.json.encode(event) + b"\n"


def _missing_field(event: EventFields, rng: random.Random) -> bytes:
    lost = rng.choice(("event_id", "source", "kind", "touchpoint", "occurred_at"))
    return msgspec.json.encode({name: value for name, value in event.items() if name != lost})


def _missing_score(event: EventFields, _: random.Random) -> bytes:
    return msgspec.json.encode({**_without_figures(event), "kind": "nps"})


def _score_out_of_range(event: EventFields, _: random.Random) -> bytes:
    return msgspec.json.encode({**_without_figures(event), "kind": "nps", "score": 11})


def _score_as_word(event: EventFields, _: random.Random) -> bytes:
    return msgspec.json.encode({**_without_figures(event), "kind": "csat", "score": "good"})


def _amount_without_currency(event: EventFields, _: random.Random) -> bytes:
    return msgspec.json.encode({**_without_figures(event), "kind": "conversion", "amount": "19.90"})


def _unknown_kind(event: EventFields, _: random.Random) -> bytes:
    return msgspec.json.encode({**event, "kind": "satisfaction"})


def _touchpoint_as_title(event: EventFields, _: random.Random) -> bytes:
    return msgspec.json.encode({**event, "touchpoint": "Point of Sale"})


def _naive_timestamp(event: EventFields, _: random.Random) -> bytes:
    return msgspec.json.encode({**event, "occurred_at": str(event["occurred_at"]).removesuffix("Z")})


def _cut_short(event: EventFields, rng: random.Random) -> bytes:
    whole = msgspec.json.encode(event)
    return whole[: rng.randrange(1, len(whole))]


def _in_a_list(event: EventFields, _: random.Random) -> bytes:
    return msgspec.json.encode([event])


def _without_figures(event: EventFields) -> EventFields:
    return {name: value for name, value in event.items() if name not in {"score", "amount", "currency", "count"}}


# What a publisher gets wrong; each is rejected, whatever the event it is made from.
MISTAKES: tuple[Callable[[EventFields, random.Random], bytes], ...] = (
    _missing_field,
    _missing_score,
    _score_out_of_range,
    _score_as_word,
    _amount_without_currency,
    _unknown_kind,
    _touchpoint_as_title,
    _naive_timestamp,
    _cut_short,
    _in_a_list,
)
