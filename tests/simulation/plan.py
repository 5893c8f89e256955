"""What a seed plans: how many workers and records, what fails and when."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tests.simulation.loop import NEVER
from tests.simulation.store import FAULTS, Fault

Ending = Literal["same", "others", "night"]
BUSY_S: Final = 10.0
"""How long records are published, and things fail."""

LIVES: Final = 3
"""How many lives of a worker may be cut short."""


@dataclass(frozen=True)
class Plan:
    """One simulation, by its seed.

    Attributes:
        seed: Of everything in it.
        workers: How many.
        records: How many are published.
        often: The share of requests that fail while things do.
        slowest_s: The longest a request to the store takes, one way.
        faults: In which ways the store fails.
        kills: By worker and life: after so many steps.
        frozen_s: When the first worker is frozen, for five seconds; 0: never.
        rebalances_s: When the group rebalances without cause.
        away_s: When the store goes away; 0: never.
        back_s: When it is back.
        cut_off_s: When the first worker, and no other, is cut off from the store, until the end; 0: never.
        erased_s: When a customer is erased; 0: never.
        stepped_s: By how many seconds the store's clock steps back, once.
        skips: The share of chunks that are lost between fetching and taking.
        drains: Whether the one worker drains at the end, while things fail.
        ending: What follows: the same workers go on, or others take over, at once or after the night.
    """

    seed: int
    workers: int
    records: int
    often: float
    slowest_s: float
    faults: Sequence[Fault]
    kills: Sequence[Sequence[int]]
    frozen_s: float
    rebalances_s: Sequence[float]
    away_s: float
    back_s: float
    cut_off_s: float
    erased_s: float
    stepped_s: float
    skips: float
    drains: bool
    ending: Ending


def planned(seed: int, steps_back: bool = False) -> Plan:
    """The plan of a seed; `steps_back`: the store's clock does."""
    choices = random.Random(seed)
    chance = choices.random

    def maybe(share: float, low: float, high: float) -> float:
        return choices.uniform(low, high) if chance() < share else 0.0

    erased_s, drains = maybe(0.3, 2, BUSY_S), chance() < 0.15
    away_s, cut_off_s = maybe(0.2, 0, BUSY_S), maybe(0.2, 2, BUSY_S)
    return Plan(
        seed=seed,
        workers=1 if drains else 2,
        records=choices.randint(8, 22),
        often=choices.choice((0.0, 0.05, 0.15, 0.3)),
        # An erasure waits for inserts that are on their way for two seconds, and for none that takes longer.
        slowest_s=0.08 if erased_s else choices.choice((0.01, 0.05, 0.3)),
        faults=tuple(choices.sample(FAULTS, choices.randint(1, len(FAULTS)))),
        kills=[[choices.randint(30, 1500) if chance() < 0.3 else NEVER for _ in range(LIVES)] for _ in range(2)],
        frozen_s=maybe(0.2, 2, BUSY_S),
        rebalances_s=sorted(choices.uniform(2, BUSY_S) for _ in range(choices.choice((0, 0, 1, 4)))),
        away_s=away_s,
        back_s=away_s + choices.choice((3.0, 40.0)),
        cut_off_s=cut_off_s,
        erased_s=erased_s,
        stepped_s=choices.uniform(30, 900) if steps_back else 0.0,
        skips=maybe(0.15, 0.05, 0.3),
        drains=drains,
        ending=choices.choices(("same", "others", "night"), (1, 6, 3))[0],
    )
