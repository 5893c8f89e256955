"""What a seed plans: how many workers and records, what fails and when."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from tests.simulation.loop import NEVER
from tests.simulation.store import FAULTS, Fault

Theme = Literal["anything", "rebalances", "erasure", "figures", "nights", "drain", "clock"]
Ending = Literal["same", "others", "night"]
BUSY_S: Final = 10.0
"""How long records are published, and things fail."""

_NOT_LATE: Final = tuple(fault for fault in FAULTS if fault != "late")
"""If the store computes an erasure's cells after the erasure was cut off, their day may stay noted as clean."""

_NO_KILLS: Final = ((NEVER,) * 3,) * 2
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
        cut_off_s: When the first worker, and no other, is cut off from the store; 0: never.
        cut_for_s: For how long.
        erased_s: When a customer is erased; 0: never.
        rebuilt_s: When cells and days are computed again.
        heavy_s: From when on the store has no memory for cells, for longer than a sweep looks back; 0: never.
        stepped_s: By how many seconds the store's clock steps back, once.
        skips: The share of chunks that are lost between fetching and taking.
        drains: Whether the instance of one worker ends, while things fail.
        forced_s: After how many seconds of that an operator ends it at once.
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
    cut_for_s: float
    erased_s: float
    rebuilt_s: Sequence[float]
    heavy_s: float
    stepped_s: float
    skips: float
    drains: bool
    forced_s: float
    ending: Ending


def planned(seed: int, theme: Theme | None = None) -> Plan:
    """The plan of a seed.

    Args:
        seed: The seed.
        theme: What it is about; the seed chooses where None.
    """
    choices = random.Random(seed)
    plan = _anything(seed, choices)
    chosen = choices.choice(list(_THEMES))
    return replace(plan, **_THEMES[theme or chosen](choices))


def _anything(seed: int, choices: random.Random) -> Plan:
    def maybe(share: float, low: float, high: float) -> float:
        return choices.uniform(low, high) if choices.random() < share else 0.0

    away_s = maybe(0.2, 0, BUSY_S)
    return Plan(
        seed=seed,
        workers=2,
        records=choices.randint(8, 20),
        often=choices.choice((0.0, 0.05, 0.15, 0.3)),
        slowest_s=choices.choice((0.01, 0.05, 0.3)),
        faults=tuple(choices.sample(FAULTS, choices.randint(1, len(FAULTS)))),
        kills=[[choices.randint(30, 1500) if choices.random() < 0.3 else NEVER for _ in range(LIVES)] for _ in "01"],
        frozen_s=maybe(0.2, 2, BUSY_S),
        rebalances_s=sorted(choices.uniform(2, BUSY_S) for _ in range(choices.choice((0, 0, 1, 3)))),
        away_s=away_s,
        back_s=away_s + choices.choice((3.0, 40.0)),
        cut_off_s=maybe(0.1, 2, BUSY_S),
        cut_for_s=maybe(1, 2, 8),
        erased_s=0.0,
        rebuilt_s=(),
        heavy_s=0.0,
        stepped_s=0.0,
        skips=maybe(0.15, 0.05, 0.3),
        drains=False,
        forced_s=0.0,
        ending=choices.choices(("same", "others", "night"), (1, 6, 3))[0],
    )


def _anyway(_: random.Random) -> dict[str, Any]:
    return {}


def _rebalances(choices: random.Random) -> dict[str, Any]:
    # A partition goes away and comes back while a batch waits for the store.
    moments = sorted(choices.uniform(2, BUSY_S) for _ in range(4))
    return {
        "rebalances_s": moments,
        "cut_off_s": choices.uniform(1, 5),
        "kills": _NO_KILLS,
        "frozen_s": 0.0,
        "away_s": 0.0,
    }


def _erasure(choices: random.Random) -> dict[str, Any]:
    # An erasure waits for inserts that are on their way for two seconds, and for none that takes longer.
    slow = {"slowest_s": 0.05, "often": choices.choice((0.0, 0.0, 0.15)), "frozen_s": 0.0, "faults": _NOT_LATE}
    return slow | {"erased_s": choices.uniform(1.5, 7), "records": choices.randint(24, 36)}


def _figures(choices: random.Random) -> dict[str, Any]:
    # Several refreshers at once, that are slow, and somebody who computes everything again.
    return {
        "slowest_s": 0.3,
        "often": choices.choice((0.0, 0.1)),
        "faults": ("refused", "cut", "slow"),
        "rebalances_s": [choices.uniform(2, 8) for _ in range(choices.choice((0, 2)))],
        "frozen_s": 0.0,
        "away_s": 0.0,
        "rebuilt_s": [choices.uniform(1.5, 8) for _ in range(4)],
        "records": choices.randint(20, 30),
        "kills": _NO_KILLS,
        "ending": choices.choice(("same", "others")),
    }


def _nights(choices: random.Random) -> dict[str, Any]:
    # Workers die, and nobody takes over for longer than a sweep looks back.
    kills = [[choices.randint(150, 900), NEVER, NEVER] for _ in "01"]
    night = {"slowest_s": 0.3, "often": choices.choice((0.0, 0.1)), "kills": kills, "ending": "night"}
    if choices.random() < 0.7:
        return night
    # Or they live, and recompute nothing for as long.
    return night | {"workers": 1, "kills": _NO_KILLS, "ending": "others", "heavy_s": choices.uniform(2, 6)}


def _clock(choices: random.Random) -> dict[str, Any]:
    erased_s = choices.choice((0.0, choices.uniform(6, 8)))
    return {
        "stepped_s": choices.uniform(30, 900),
        "erased_s": erased_s,
        "slowest_s": 0.05,
        "often": 0.0,
        "frozen_s": 0.0,
    }


def _drain(choices: random.Random) -> dict[str, Any]:
    # Also where the worker dies just then.
    kills = [[choices.choice((choices.randint(30, 900), NEVER)) for _ in range(LIVES)]] * 2
    return {"workers": 1, "drains": True, "kills": kills, "forced_s": choices.choice((2.0, 30.0, 150.0))}


_THEMES: Final[Mapping[Theme, Callable[[random.Random], dict[str, Any]]]] = {
    "anything": _anyway,
    "rebalances": _rebalances,
    "erasure": _erasure,
    "figures": _figures,
    "nights": _nights,
    "drain": _drain,
    "clock": _clock,
}
