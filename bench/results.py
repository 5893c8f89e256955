"""The cost of one run, and whether its result counts."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from bench.events import Expected
from bench.outside import reasons
from streams.store.client import Store

_SUMS = "SELECT count() AS unique, sum(score) AS scores, sum(count) AS counts, sum(amount) AS amounts FROM events FINAL"
_OWNERS = "SELECT department, count() AS n FROM events FINAL GROUP BY department"


@dataclass(frozen=True)
class Taken:
    """The time and memory of one run: the contestant's own, and those of store and broker."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    store_cpu_s: float
    broker_cpu_s: float
    details: dict[str, float]


@dataclass(frozen=True)
class Expectation:
    """The number of published events, and the result that they must give."""

    count: int
    expected: Expected


async def check(name: str, store: Store, broker: str, dlq: str | None, expectation: Expectation) -> None:
    """Compares the store and the dead-letter topic with what they must hold; without a topic, the store alone.

    Raises:
        RuntimeError: They differ.
    """
    sums = (await asyncio.to_thread(store.query, _SUMS))[0]
    owners = {row["department"]: row["n"] for row in await asyncio.to_thread(store.query, _OWNERS)}
    wanted = dict(vars(expectation.expected))
    letters = wanted.pop("reasons") if dlq else Counter[str]()
    wanted.pop("reasons", None)
    sent = Counter(await reasons(broker, dlq, letters.total())) if dlq else Counter[str]()
    if (sums | {"departments": owners}, sent) != (wanted, letters):
        raise RuntimeError(f"{name} gave {sums} {owners} {sent}, not {wanted} {letters}")
