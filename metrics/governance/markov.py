"""Credit by removal: how many conversions a chain of departments would lose without one of them (Anderl et al. 2016).

A first-order Markov chain over the departments, from a start to a conversion or to its absence. Without a department,
each path to it ends without a conversion. The removal effect is the share of the probability of a conversion that is
lost; a department's share is its part of the sum of removal effects. Needs the journeys that did not convert.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from metrics.governance.journeys import Path

Matrix = npt.NDArray[np.float64]


def removal_effects(paths: Iterable[Path]) -> dict[str, float]:
    """The share of conversions that is lost without each department, 0..1; empty if nothing converted.

    The example of S. Bryl, "Marketing Multi-Channel Attribution model with R" (2016):

    >>> found = removal_effects([Path(("c1", "c2", "c3"), 1, 0), Path(("c1",), 0, 1), Path(("c2", "c3"), 0, 1)])
    >>> {name: round(effect, 12) for name, effect in found.items()}
    {'c1': 0.5, 'c2': 1.0, 'c3': 1.0}
    """
    kept = tuple(paths)
    converted, lost = (
        np.array([getattr(path, end) for path in kept], dtype=np.float64) for end in ("converted", "lost")
    )
    return _effects(_Moves(kept), converted, lost)


def markov(paths: Iterable[Path]) -> dict[str, float]:
    """Each department's share of the removal effects, in sum 1; empty if nothing converted.

    >>> paths = [Path(("c1", "c2", "c3"), 1, 0), Path(("c1",), 0, 1), Path(("c2", "c3"), 0, 1)]
    >>> {name: round(share, 12) for name, share in markov(paths).items()}
    {'c1': 0.2, 'c2': 0.4, 'c3': 0.4}
    """
    return _shares(removal_effects(paths))


def counted_markov(paths: Sequence[Path]) -> Callable[[Matrix, Matrix], dict[str, float]]:
    """The same shares, as a function of the numbers of conversions and losses of each path, for many draws."""
    moves = _Moves(tuple(paths))
    return lambda converted, lost: _shares(_effects(moves, converted, lost))


def _shares(effects: dict[str, float]) -> dict[str, float]:
    whole = sum(effects.values())
    return {name: effect / whole for name, effect in effects.items()} if whole > 0 else {}


class _Moves:
    """What each path adds each time: moves between departments, a start, an end; matrices with a row for each path."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self.names = sorted({name for path in paths for name in path.departments})
        number = {name: i for i, name in enumerate(self.names)}
        n = len(self.names)
        self.inner = np.zeros((len(paths), n * n))
        self.starts, self.ends = np.zeros((len(paths), n)), np.zeros((len(paths), n))
        for row, path in enumerate(paths):
            steps = [number[name] for name in path.departments]
            self.starts[row, steps[0]] = self.ends[row, steps[-1]] = 1
            for a, b in pairwise(steps):
                self.inner[row, a * n + b] += 1


def _effects(moves: _Moves, converted: Matrix, lost: Matrix) -> dict[str, float]:
    n, times = len(moves.names), converted + lost
    inner, ends = (times @ moves.inner).reshape(n, n), times @ moves.ends
    leaves = np.maximum(inner.sum(axis=1) + ends, 1)
    # Probabilities: between departments, from the start to each, from each to a conversion.
    inner, arrivals = inner / leaves[:, None], times @ moves.starts / max(times.sum(), 1)
    wins = converted @ moves.ends / leaves
    whole = _reach(inner, arrivals, wins)
    if whole <= 0:
        return {}
    effects = {}
    for i, name in enumerate(moves.names):
        # Each path to it now leads nowhere: its row is 0, and so are its ways to a conversion.
        stays = np.arange(n) != i
        without = _reach(inner * stays[:, None], arrivals * stays, wins * stays)
        effects[name] = min(1.0, max(0.0, 1 - without / whole))
    return effects


def _reach(inner: Matrix, arrivals: Matrix, ends: Matrix) -> float:
    """The probability of a conversion, 0..1. Every department leads out in the end, so there is one solution."""
    return float(arrivals @ np.linalg.solve(np.eye(len(inner)) - inner, ends)) if len(inner) else 0.0
