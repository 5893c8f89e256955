"""Credit by removal: how many conversions a chain of departments would lose without one (Anderl et al. 2016).

A Markov chain of first order over the departments, from a start to a conversion or its absence. Without a department,
whatever led to it ends without one. The removal effect is the part of the probability of a conversion that is lost;
a department's share is its part of all removal effects. Needs the journeys that did not convert.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from metrics.governance.journeys import Path

Matrix = npt.NDArray[np.float64]


def removal_effects(paths: Iterable[Path]) -> dict[str, float]:
    """How much of the conversions is lost without each department, 0..1; empty where nothing converted.

    The example of S. Bryl, "Marketing Multi-Channel Attribution model with R" (2016):

    >>> found = removal_effects([Path(("c1", "c2", "c3"), 1, 0), Path(("c1",), 0, 1), Path(("c2", "c3"), 0, 1)])
    >>> {name: round(effect, 12) for name, effect in found.items()}
    {'c1': 0.5, 'c2': 1.0, 'c3': 1.0}
    """
    kept = tuple(paths)
    names = sorted({name for path in kept for name in path.departments})
    inner, arrivals, ends = _chain(kept, names)
    whole = _reach(inner, arrivals, ends)
    if whole <= 0:
        return {}
    effects = {}
    for i, name in enumerate(names):
        without = inner.copy()
        # Whatever led to it now leads nowhere: its row is 0, and so are its ways to a conversion.
        without[i, :] = 0
        left = arrivals * (np.arange(len(names)) != i), ends * (np.arange(len(names)) != i)
        effects[name] = min(1.0, max(0.0, 1 - _reach(without, *left) / whole))
    return effects


def markov(paths: Iterable[Path]) -> dict[str, float]:
    """Each department's share of the removal effects, in sum 1; empty where nothing converted.

    >>> paths = [Path(("c1", "c2", "c3"), 1, 0), Path(("c1",), 0, 1), Path(("c2", "c3"), 0, 1)]
    >>> {name: round(share, 12) for name, share in markov(paths).items()}
    {'c1': 0.2, 'c2': 0.4, 'c3': 0.4}
    """
    effects = removal_effects(paths)
    whole = sum(effects.values())
    return {name: effect / whole for name, effect in effects.items()}


def _chain(paths: tuple[Path, ...], names: list[str]) -> tuple[Matrix, Matrix, Matrix]:
    """Probabilities: between departments, from the start to each, from each to a conversion."""
    number = {name: i for i, name in enumerate(names)}
    moves: Counter[tuple[int, int]] = Counter()
    starts, ends, leaves = np.zeros(len(names)), np.zeros(len(names)), np.zeros(len(names))
    for path in paths:
        n, steps = path.converted + path.lost, [number[name] for name in path.departments]
        starts[steps[0]] += n
        ends[steps[-1]] += path.converted
        leaves[steps[-1]] += n
        for a, b in pairwise(steps):
            moves[a, b] += n
            leaves[a] += n
    inner = np.zeros((len(names), len(names)))
    for (a, b), n in moves.items():
        inner[a, b] = n
    seen = np.maximum(leaves, 1)
    return inner / seen[:, None], starts / max(starts.sum(), 1), ends / seen


def _reach(inner: Matrix, arrivals: Matrix, ends: Matrix) -> float:
    """The probability of a conversion: every department leads out at last, so that there is one solution."""
    return float(arrivals @ np.linalg.solve(np.eye(len(inner)) - inner, ends)) if len(inner) else 0.0
