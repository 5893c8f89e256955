"""Dispersion: over how many departments responsibility is spread, in any unit.

s_i are shares of touchpoints, events, spend or facets. HHI = sum s_i^2 (Hirschman 1945, Herfindahl 1950). Effective
owners, 1/HHI, are the number of equal departments with the same spread (1: one cook). J = H/ln N is the entropy
(Shannon 1948) divided by its maximum.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import fsum, log, sqrt
from typing import TypeVar

from metrics.figures.intervals import Interval, Z
from metrics.governance.estimates import Estimate

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Dispersion:
    """How widely something is spread.

    Attributes:
        departments: N, the number of departments that hold anything.
        hhi: Sum of squared shares, 1/N..1.
        effective_owners: 1/HHI, 1..N.
        entropy: Normalised entropy J, 0..1; 0 where N is 1.
    """

    departments: int
    hhi: Estimate
    effective_owners: Estimate
    entropy: Estimate


def shares(weights: Mapping[Key, float]) -> dict[Key, float]:
    """Each key's share of the whole, 0..1, in sum 1; a key that holds nothing is left out.

    >>> shares({"it": 3, "sales": 1, "art": 0})
    {'it': 0.75, 'sales': 0.25}
    """
    # Divided by the greatest first: a sum of the smallest possible floats would lose their digits.
    top = max(weights.values(), default=0)
    scaled = {key: weight / top for key, weight in weights.items() if weight > 0}
    whole = fsum(scaled.values())
    return {key: weight / whole for key, weight in scaled.items()}


def hhi(held: Iterable[float]) -> float:
    """The Herfindahl-Hirschman index of shares, sum s_i^2: 1/N..1.

    >>> round(hhi([0.5, 0.3, 0.2]), 2)
    0.38
    """
    return fsum(share * share for share in held)


def effective_owners(weights: Mapping[Key, float]) -> float:
    """1/HHI of what the departments hold: 1..N; 0 if nobody holds anything.

    >>> effective_owners({"it": 1, "sales": 1}), effective_owners({"it": 1}), effective_owners({})
    (2.0, 1.0, 0.0)
    """
    held = shares(weights)
    return min(float(len(held)), max(1.0, 1 / hhi(held.values()))) if held else 0.0


def normalised_entropy(weights: Mapping[Key, float]) -> float:
    """The normalised entropy J = H/ln N, 0..1; 0 for fewer than two departments.

    >>> round(normalised_entropy({"it": 1, "sales": 1, "art": 1}), 12), normalised_entropy({"it": 1})
    (1.0, 0.0)
    """
    held = shares(weights)
    if len(held) < 2:
        return 0.0
    return min(1.0, -fsum(share * log(share) for share in held.values()) / log(len(held)))


def dispersion(weights: Mapping[Key, float], sampled: bool = False, n: int | None = None) -> Dispersion:
    """How widely responsibility is spread.

    Args:
        weights: What each department holds, >= 0: touchpoints, events, money.
        sampled: Whether the weights are counts of events, a sample of what happens; only then are there intervals.
        n: The number of observations, of which a sum of money says nothing; None if the weights count them.

    >>> found = dispersion({"it": 60, "sales": 40}, sampled=True)
    >>> round(found.effective_owners.value, 2), [round(bound, 2) for bound in found.effective_owners.ci]
    (1.92, [1.8, 2.0])
    """
    held = shares(weights)
    n = round(fsum(weights.values())) if n is None else n
    if not held:
        nothing = Estimate(None, None, 0, 0.0)
        return Dispersion(0, nothing, nothing, nothing)
    index, j = hhi(held.values()), normalised_entropy(weights)
    bounds = _hhi_interval(held, index, n) if sampled and n > 1 else None
    inverse = None if bounds is None else (max(1.0, 1 / bounds[1]), min(float(len(held)), 1 / bounds[0]))
    spread = _entropy_interval(held, j, n) if sampled and n > 1 else None
    return Dispersion(
        departments=len(held),
        hhi=Estimate(index, bounds, n, float(n)),
        effective_owners=Estimate(effective_owners(weights), inverse, n, float(n)),
        entropy=Estimate(j, spread, n, float(n)),
    )


def _hhi_interval(held: Mapping[Key, float], index: float, n: int) -> Interval:
    # The exact variance of the unbiased estimator (Simpson, Nature 163, 1949): unlike the delta method's, it does
    # not vanish where the shares are equal.
    cubes = fsum(share**3 for share in held.values())
    variance = (4 * (n - 2) * cubes + 2 * index - 2 * (2 * n - 3) * index**2) / (n * (n - 1))
    middle, half = (n * index - 1) / (n - 1), Z * sqrt(max(0.0, variance))
    return max(1 / len(held), min(index, middle - half)), min(1.0, max(index, middle + half))


def _entropy_interval(held: Mapping[Key, float], j: float, n: int) -> Interval:
    if len(held) == 1:
        return 0.0, 0.0
    # Miller's bias (N - 1)/2n (1955) and the variance that goes with it (Basharin 1959).
    top = log(len(held))
    logs = fsum(share * log(share) ** 2 for share in held.values())
    variance = (logs - (j * top) ** 2) / n + (len(held) - 1) / (2 * n * n)
    middle, half = j + (len(held) - 1) / (2 * n * top), Z * sqrt(max(0.0, variance)) / top
    return max(0.0, min(j, middle - half)), min(1.0, max(j, middle + half))
