"""Credit by removal: how many conversions a chain of departments would lose without one of them (Anderl et al. 2016).

A first-order Markov chain over the departments, from a start to a conversion or to its absence. Without a department,
each path to it ends without a conversion. The removal effect is the share of the probability of a conversion that is
lost; a department's share is its part of the sum of removal effects. Needs the journeys that did not convert.

Memory follows the number of steps and the square of the number of departments, not their product with the paths. All
removals come from one inverse (Kemeny and Snell 1960): the probability of coming to a department is how often the chain
is expected there, divided by how often it is expected there once it has come.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from metrics.governance.journeys import Path

Matrix = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


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
    """The moves of all paths: in which path, from which department to which; memory follows how many there are."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self.names = sorted({name for path in paths for name in path.departments})
        number = {name: i for i, name in enumerate(self.names)}
        n = len(self.names)
        moved = [
            (row, number[a] * n + number[b]) for row, path in enumerate(paths) for a, b in pairwise(path.departments)
        ]
        self._path, self._move = np.array(moved, dtype=np.int64).reshape(-1, 2).T
        self._first = np.array([number[path.departments[0]] for path in paths], dtype=np.int64)
        self._last = np.array([number[path.departments[-1]] for path in paths], dtype=np.int64)

    def between(self, times: Matrix) -> Matrix:
        """How often each department was followed by each, where each path happened so many times."""
        n = len(self.names)
        return self._summed(self._move, times[self._path], n * n).reshape(n, n)

    def first(self, times: Matrix) -> Matrix:
        """How often each department was the first."""
        return self._summed(self._first, times, len(self.names))

    def last(self, times: Matrix) -> Matrix:
        """How often each department was the last."""
        return self._summed(self._last, times, len(self.names))

    @staticmethod
    def _summed(places: Places, times: Matrix, n: int) -> Matrix:
        return np.bincount(places, times, n).astype(np.float64, copy=False)  # without any path it counts in integers


def _effects(moves: _Moves, converted: Matrix, lost: Matrix) -> dict[str, float]:
    times = converted + lost
    between, last = moves.between(times), moves.last(times)
    leaves = np.maximum(between.sum(axis=1) + last, 1)
    # Probabilities: from the start to each department, from each to a conversion, at once and in the end.
    arrivals, wins = moves.first(times) / max(times.sum(), 1), moves.last(converted) / leaves
    # How often the chain is in one on the way from another: every department leads out in the end, so it is finite.
    visits = np.linalg.inv(np.eye(len(moves.names)) - between / leaves[:, None])
    wins_in_the_end = visits @ wins
    whole = float(arrivals @ wins_in_the_end)
    if whole <= 0:
        return {}
    # What ends without a conversion when a department is removed is what comes to it and then converts.
    comes_to = arrivals @ visits / np.diagonal(visits)
    effects = np.clip(comes_to * wins_in_the_end / whole, 0.0, 1.0)
    return dict(zip(moves.names, effects.tolist(), strict=True))
