"""Shapley values (Shapley 1953): what each department adds, averaged over all orders of the departments.

The worth of a set of departments is the conversion rate of the journeys that went through no others. With counts
instead of rates the values degenerate to an equal split; so the journeys that did not convert are needed.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from math import factorial
from typing import Final

import numpy as np
import numpy.typing as npt

from metrics.governance.journeys import Path

EXACT_UP_TO: Final = 12
"""Up to this number of players every set is evaluated: 4,096 sets."""
ORDERS: Final = 2_000
"""Random orders above that number: half of them are the reverse of the other half, which at least halves the noise."""

Worth = Callable[[frozenset[str]], float]
Values = npt.NDArray[np.float64]


def shapley(players: Sequence[str], worth: Worth, seed: int = 0) -> dict[str, float]:
    """The Shapley value of each player, in the unit of `worth`; in sum, the worth of all less that of none.

    Args:
        players: All different. Up to EXACT_UP_TO the values are exact, above they come from ORDERS random orders.
        worth: The worth of a set of players.
        seed: Seed of the random orders.

    The glove game: one left glove, two right ones, a pair is worth 1.

    >>> pair = lambda s: float("left" in s and ("right" in s or "other" in s))
    >>> {name: round(value, 4) for name, value in shapley(["left", "other", "right"], pair).items()}
    {'left': 0.6667, 'other': 0.1667, 'right': 0.1667}
    """
    if len(players) <= EXACT_UP_TO:
        sets = range(1 << len(players))
        members = (frozenset(name for i, name in enumerate(players) if number >> i & 1) for number in sets)
        return dict(zip(players, _exact(np.array([worth(group) for group in members])), strict=True))
    return _drawn(players, cache(worth), seed)


def shapley_of_paths(paths: Iterable[Path], seed: int = 0) -> dict[str, float]:
    """What each department adds to the conversion rate; in sum, the rate of all journeys. May be below 0.

    Only the set of departments of a path counts. A set without journeys has the rate 0.

    >>> found = shapley_of_paths([Path(("it",), 1, 9), Path(("hr",), 1, 9), Path(("it", "hr"), 4, 6)])
    >>> {name: round(value, 12) for name, value in found.items()}
    {'hr': 0.1, 'it': 0.1}
    """
    kept = tuple(paths)
    players = sorted({name for path in kept for name in path.departments})
    number = {name: 1 << i for i, name in enumerate(players)}
    masks = np.array([sum(number[name] for name in set(path.departments)) for path in kept], dtype=np.int64)
    converted = np.array([path.converted for path in kept], dtype=np.float64)
    ended = converted + np.array([path.lost for path in kept], dtype=np.float64)
    if len(players) <= EXACT_UP_TO:
        return dict(zip(players, _exact(_rates(masks, converted, ended, len(players))), strict=True))

    def rate(members: frozenset[str]) -> float:
        inside = masks & ~sum(number[name] for name in members) == 0
        of = ended[inside].sum()
        return float(converted[inside].sum() / of) if of else 0.0

    return _drawn(players, cache(rate), seed)


def counted_shapley(paths: Sequence[Path]) -> Callable[[Values, Values], dict[str, float]]:
    """Each department's share of the sum of the values, as a function of each path's conversions and losses.

    Raises:
        ValueError: There are more than EXACT_UP_TO departments.
    """
    players = sorted({name for path in paths for name in path.departments})
    if len(players) > EXACT_UP_TO:
        raise ValueError(f"{len(players)} departments: values are exact up to {EXACT_UP_TO}")
    number = {name: 1 << i for i, name in enumerate(players)}
    masks = np.array([sum(number[name] for name in set(path.departments)) for path in paths], dtype=np.int64)

    def figure(converted: Values, lost: Values) -> dict[str, float]:
        values = _exact(_rates(masks, converted, converted + lost, len(players)))
        whole = sum(values)
        return {name: value / whole for name, value in zip(players, values, strict=True)} if whole > 0 else {}

    return figure


def _rates(masks: npt.NDArray[np.int64], converted: Values, ended: Values, n: int) -> Values:
    top, whole = _inside(masks, converted, n), _inside(masks, ended, n)
    return np.divide(top, whole, out=np.zeros_like(top), where=whole > 0)


def _inside(masks: npt.NDArray[np.int64], weights: Values, n: int) -> Values:
    """For each set, the weights of all its subsets, summed one member at a time."""
    sums: Values = np.zeros(1 << n)
    np.add.at(sums, masks, weights)
    for i in range(n):
        halves = sums.reshape(-1, 2, 1 << i)
        halves[:, 1] += halves[:, 0]
    return sums


def _exact(worths: Values) -> list[float]:
    """The values from the worth of each set; the bits of a set's number are its members."""
    n = len(worths).bit_length() - 1
    sizes = np.array([number.bit_count() for number in range(len(worths) // 2)], dtype=np.int64)
    chances = np.array([factorial(size) * factorial(n - size - 1) / factorial(n) for size in range(n)])
    values = []
    for i in range(n):
        halves = worths.reshape(-1, 2, 1 << i)
        values.append(float((halves[:, 1] - halves[:, 0]).reshape(-1) @ chances[sizes]))
    return values


def _drawn(players: Sequence[str], worth: Worth, seed: int) -> dict[str, float]:
    generator = np.random.default_rng(seed)
    values = dict.fromkeys(players, 0.0)
    for _ in range(ORDERS // 2):
        order = [players[i] for i in generator.permutation(len(players))]
        for direction in (order, order[::-1]):
            before = worth(frozenset())
            for end, name in enumerate(direction, start=1):
                after = worth(frozenset(direction[:end]))
                values[name] += (after - before) / ORDERS
                before = after
    return values
