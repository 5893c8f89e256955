"""Simulated facts about governance: what people answer, what is spent, which cases are opened and closed.

What is planted, for the figures to find: at the web site IT takes itself for the owner, though marketing is; most spend
on the experience is hidden; customers want it easier than the company does; administration leaves cases open, and
closes them without the customers' agreement.
"""

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge

from streams.simulate.context import with_context
from streams.simulate.events import EventFields, endless_events, events

USUAL_OWNERS = {
    "web.site": "marketing",
    "email.newsletter": "marketing",
    "store.point_of_sale": "sales",
    "sales.quote": "sales",
    "service.switchboard": "service",
    "service.email": "service",
    "product.label": "logistics",
    "admin.invoice": "administration",
}
ROLES = ("it", "marketing", "sales", "service", "management")
MISTAKEN = ("web.site", "it")
"""The touchpoint of whose ownership a role is wrongly sure."""
ANSWERS = {"declared": 0.8, "another": 0.08, "nobody": 0.06, "don't know": 0.06}
SUCCESS = {"nps": (50.0, 12.0), "ces": (6.4, 0.3), "csat": (88.0, 6.0)}
SPENDS = {"surveys": (0.5, 800.0), "training": (0.2, 1_500.0), "rework": (0.3, 6_000.0)}
"""Of each category, how often and the median of the amount."""


@dataclass(frozen=True, slots=True)
class Closing:
    """How a department closes cases: median days, share that it ever closes, share that customers confirm."""

    days: float
    closed: float
    confirmed: float


CLOSINGS = {"administration": Closing(12.0, 0.6, 0.45)}
USUAL_CLOSING = Closing(1.5, 0.97, 0.92)
_KINDS = {"ownership_answer": 0.4, "success_answer": 0.25, "spend": 0.15, "case_opened": 0.2}


def governance(
    *,
    seed: int,
    start: datetime,
    end: datetime,
    count: int,
    owners: Mapping[str, str] = USUAL_OWNERS,
    name: str = "",
) -> Iterator[EventFields]:
    """Return about `count` facts about governance in [start, end), in order of occurred_at.

    Args:
        seed: Any integer; another one gives other facts of the same company.
        start: The first instant, aware.
        end: The instant after the last, aware, later than start.
        count: Number of facts, >= 0, closings come on top.
        owners: Who owns the touchpoints that facts are about, as their registry says.
        name: What the ids of these facts and cases have before their number.
    """
    rng = random.Random(f"governance {seed} {start.isoformat()} {end.isoformat()} {count}")  # noqa: S311  not for secrets
    made = []
    for number in range(count):
        at = start + (end - start) * rng.random()
        [kind] = rng.choices(list(_KINDS), list(_KINDS.values()))
        touchpoint = rng.choice(list(owners))
        made.append(_fact(f"{name}{number}", kind, touchpoint, at))
        if kind == "ownership_answer":
            made[-1] |= _answer(rng, touchpoint, owners)
        else:
            made[-1] |= _OWN[kind](rng, f"case-{name}{number}")
        if kind == "case_opened":
            made += _closing(rng, made[-1], at, end, owners[touchpoint])
    return iter(sorted(made, key=lambda fact: (fact["occurred_at"], fact["event_id"])))


def chronological(happened: Iterable[EventFields], facts: Iterable[EventFields]) -> Iterator[EventFields]:
    """Events and facts about governance together, in order of occurred_at."""
    return merge(happened, facts, key=lambda event: str(event["occurred_at"]))


def history(*, seed: int, start: datetime, end: datetime, count: int, facts: int) -> Iterator[EventFields]:
    """`count` events of the company and about `facts` facts about governance; see `events` and `governance`."""
    happened = events(seed=seed, start=start, end=end, count=count)
    return chronological(happened, governance(seed=seed, start=start, end=end, count=facts))


def endless(*, seed: int, start: datetime, end: datetime, count: int, facts: int) -> Iterator[EventFields]:
    """The company's history and what follows it without end; see `endless_events`.

    About `facts` facts about governance are before `end`, and they go on as often. A case that is open then is closed
    when its department gets round to it. Invitations to surveys and notes come on top: see `with_context`.
    """
    happened = endless_events(seed=seed, start=start, end=end, count=count)
    everything = chronological(happened, _endless_facts(seed, start, end, facts))
    return with_context(everything, seed=seed, start=start, end=end)


def _endless_facts(seed: int, start: datetime, end: datetime, count: int) -> Iterator[EventFields]:
    # One stretch reaches beyond `end`, so that nothing changes there.
    length = end - start
    yield from governance(seed=seed, start=start, end=end + length, count=2 * count)
    for number in itertools.count(1):
        begin = end + number * length
        yield from governance(seed=seed, start=begin, end=begin + length, count=count, name=f"{number}-")


def _fact(number: str, kind: str, touchpoint: str, at: datetime) -> EventFields:
    stamp = at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
    source = {"ownership_answer": "staff-poll", "success_answer": "survey-tool", "spend": "erp"}.get(kind, "crm")
    return {
        "event_id": f"g-{number}",
        "source": source,
        "kind": kind,
        "touchpoint": touchpoint,
        "occurred_at": stamp,
    }


def _answer(rng: random.Random, touchpoint: str, owners: Mapping[str, str]) -> EventFields:
    role = rng.choice(ROLES)
    [said] = rng.choices(list(ANSWERS), list(ANSWERS.values()))
    if said == "declared":
        said = role if (touchpoint, role) == MISTAKEN else owners[touchpoint]
    elif said == "another":
        said = rng.choice(sorted({*owners.values(), "it", "product"} - {owners[touchpoint]}))
    return {"answer": said, "role": role}


def _success(rng: random.Random, _: str) -> EventFields:
    metric = rng.choice(list(SUCCESS))
    return {"metric": metric, "value": round(rng.gauss(*SUCCESS[metric]), 1)}


def _spend(rng: random.Random, _: str) -> EventFields:
    [category] = rng.choices(list(SPENDS), [often for often, _ in SPENDS.values()])
    amount = SPENDS[category][1] * rng.lognormvariate(0.0, 0.5)
    return {"category": category, "amount": f"{amount:.2f}", "currency": "EUR"}


def _opened(_: random.Random, case_id: str) -> EventFields:
    return {"case_id": case_id}


_OWN = {"success_answer": _success, "spend": _spend, "case_opened": _opened}


def _closing(rng: random.Random, opened: EventFields, at: datetime, end: datetime, owner: str) -> list[EventFields]:
    closing = CLOSINGS.get(owner, USUAL_CLOSING)
    closed_at = at + timedelta(days=closing.days * rng.lognormvariate(0.0, 0.7))
    if rng.random() >= closing.closed or closed_at >= end:
        return []
    fact = _fact(f"{opened['event_id'][2:]}-closed", "case_closed", opened["touchpoint"], closed_at)
    agreed = rng.random() < closing.confirmed
    return [fact | {"case_id": opened["case_id"], "resolved": True, "confirmed_by_customer": agreed}]
