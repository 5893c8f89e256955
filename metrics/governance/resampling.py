"""Intervals by the bootstrap (Efron 1979): the same figure of journeys drawn again from those that were seen."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from metrics.governance.estimates import Estimate
from metrics.governance.journeys import Path

ROUNDS: Final = 200
PERCENTILES: Final = (2.5, 97.5)


def bootstrap(
    paths: Sequence[Path],
    figure: Callable[[Sequence[Path]], Mapping[str, float]],
    seed: int = 0,
    rounds: int = ROUNDS,
) -> dict[str, Estimate]:
    """A figure by department, with percentile intervals; n is the journeys that met the department.

    Args:
        paths: All journeys, folded.
        figure: From paths to a figure by department; one that is absent counts as 0.
        seed: Of the draw: the same paths give the same intervals.
        rounds: How often to draw.

    >>> paths = [Path(("it",), 50, 50)]
    >>> found = bootstrap(paths, lambda some: {"it": sum(path.converted for path in some) / 100})
    >>> found["it"].value, found["it"].ci[0] < 0.5 < found["it"].ci[1], found["it"].n
    (0.5, True, 100)
    """
    whole = figure(paths)
    met: defaultdict[str, int] = defaultdict(int)
    for path in paths:
        for name in set(path.departments):
            met[name] += path.converted + path.lost
    drawn = [figure(some) for some in _draws(paths, seed, rounds)] if whole else []
    found = {}
    for name, value in whole.items():
        low, high = np.percentile([one.get(name, 0.0) for one in drawn], PERCENTILES)
        found[name] = Estimate(value, (min(value, float(low)), max(value, float(high))), met[name], float(met[name]))
    return found


def _draws(paths: Sequence[Path], seed: int, rounds: int) -> list[list[Path]]:
    generator = np.random.default_rng(seed)
    counts = np.array([n for path in paths for n in (path.converted, path.lost)], dtype=np.float64)
    drawn = generator.multinomial(int(counts.sum()), counts / counts.sum(), size=rounds).reshape(rounds, -1, 2)
    return [
        [Path(path.departments, int(c), int(f)) for path, (c, f) in zip(paths, row, strict=True) if c + f]
        for row in drawn
    ]
