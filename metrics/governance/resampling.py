"""Intervals by the bootstrap (Efron 1979): the same figure for journeys resampled from the observed ones."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from metrics.governance.estimates import Estimate
from metrics.governance.journeys import Path

ROUNDS: Final = 200
PERCENTILES: Final = (2.5, 97.5)

Counts = npt.NDArray[np.float64]


def bootstrap(
    paths: Sequence[Path],
    figure: Callable[[Sequence[Path]], Mapping[str, float]],
    seed: int = 0,
    rounds: int = ROUNDS,
) -> dict[str, Estimate]:
    """A figure by department, with percentile intervals; n is the number of journeys through the department.

    Args:
        paths: All journeys, folded.
        figure: Computes a figure by department from paths; an absent department counts as 0.
        seed: Seed of the draws: the same paths give the same intervals.
        rounds: The number of draws.

    >>> paths = [Path(("it",), 50, 50)]
    >>> found = bootstrap(paths, lambda some: {"it": sum(path.converted for path in some) / 100})
    >>> found["it"].value, found["it"].ci[0] < 0.5 < found["it"].ci[1], found["it"].n
    (0.5, True, 100)
    """

    def of_counts(converted: Counts, lost: Counts) -> Mapping[str, float]:
        drawn = zip(paths, converted.tolist(), lost.tolist(), strict=True)
        return figure([Path(path.departments, int(c), int(f)) for path, c, f in drawn if c + f])

    return bootstrap_counts(paths, of_counts, seed, rounds)


def bootstrap_counts(
    paths: Sequence[Path],
    figure: Callable[[Counts, Counts], Mapping[str, float]],
    seed: int = 0,
    rounds: int = ROUNDS,
) -> dict[str, Estimate]:
    """The same for a figure that knows the paths and takes the numbers of conversions and losses of each."""
    if not paths:
        return {}
    counts = np.array([(path.converted, path.lost) for path in paths], dtype=np.float64)
    whole = figure(counts[:, 0], counts[:, 1])
    met: defaultdict[str, int] = defaultdict(int)
    for path in paths:
        for name in set(path.departments):
            met[name] += path.converted + path.lost
    drawn = [figure(some[:, 0], some[:, 1]) for some in _draws(counts, seed, rounds)] if whole else []
    result = {}
    for name, value in whole.items():
        low, high = np.percentile([draw.get(name, 0.0) for draw in drawn], PERCENTILES)
        result[name] = Estimate(value, (min(value, float(low)), max(value, float(high))), met[name], float(met[name]))
    return result


def _draws(counts: Counts, seed: int, rounds: int) -> Iterator[Counts]:
    generator = np.random.default_rng(seed)
    chances = counts.reshape(-1) / counts.sum()
    for _ in range(rounds):
        yield generator.multinomial(int(counts.sum()), chances).reshape(counts.shape).astype(np.float64)
