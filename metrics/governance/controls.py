"""Synthetic controls: the mix of other units that follows one best before a change, week by week (Abadie et al. 2010).

The weights are >= 0 and of sum 1, levels apart (Ferman and Pinto 2021), and follow the unit no further than its noise
allows. Of weeks before the change it is also known what the control says of a week that it has not seen.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

import numpy as np

from metrics.governance.customers import Floats

_ITERATIONS: Final = 100


class WeeklyMeans(NamedTuple):
    """A unit: a touchpoint by week around a change: its mean, and 1 over its number of answers."""

    means: Floats
    inverse: Floats


class Compared(NamedTuple):
    """A unit against its synthetic control.

    Attributes:
        effect: After the change, less before it.
        error: What the noise of the answers makes of that, in standard deviations of one answer.
        misfit: Squares that are left before the change, over those that noise makes.
        gaps: By week the unit less its control, less the same before the change. A week before the change is held
            against a control that was made without it, so that weeks before and after can be compared.
        errors: By week, what the noise of the answers makes of that.
    """

    effect: float
    error: float
    misfit: float
    gaps: Floats
    errors: Floats

    @property
    def size(self) -> float:
        """The effect over its noise: comparable between touchpoints with many and with few answers."""
        return self.effect / self.error

    @property
    def sizes(self) -> Floats:
        """The same by week."""
        return np.asarray(self.gaps / self.errors)


class _Stack(NamedTuple):
    """Units with as many donors each, by week.

    Attributes:
        own: By unit and week its mean.
        own_noise: The variance that the noise of the answers makes of it.
        others: By unit, donor and week.
        others_noise: Likewise.
    """

    own: Floats
    own_noise: Floats
    others: Floats
    others_noise: Floats


def compared(
    units: Sequence[WeeklyMeans], donors: Sequence[Sequence[WeeklyMeans]], before: int, noise: float
) -> list[Compared]:
    """Each unit against its own donors.

    Args:
        units: With as many weeks each.
        donors: Of each unit those that it is compared with, equally many for each.
        before: How many of the weeks are before the change, at least three.
        noise: The variance of single answers.
    """
    own, own_noise = (np.stack([unit[part] for unit in units]) for part in (0, 1))
    others, others_noise = (np.stack([[unit[part] for unit in some] for some in donors]) for part in (0, 1))
    stack = _Stack(own, noise * own_noise, others, noise * others_noise)
    # By row the weeks that a control may see: all before the change, then all but one of them.
    seen = np.tile(np.arange(own.shape[1]) < before, (before + 1, 1)).astype(np.float64)
    seen[np.arange(1, before + 1), np.arange(before)] = 0
    left, made = _against(stack, seen)
    gaps, noises = left[0], made[0]
    after = gaps.shape[1] - before
    effects = gaps[:, before:].mean(axis=1)
    errors = np.sqrt(noises[:, :before].sum(axis=1) / before**2 + noises[:, before:].sum(axis=1) / after**2)
    misfits = (gaps[:, :before] ** 2).sum(axis=1) / (noises[:, :before].mean(axis=1) * (before - 1))
    by_week, noises = gaps.copy(), noises + noises[:, :before].sum(axis=1, keepdims=True) / before**2
    for week in range(before):
        unseen = 1 + week
        by_week[:, week] = left[unseen, :, week]
        noises[:, week] = made[unseen, :, week] + made[unseen] @ seen[unseen] / (before - 1) ** 2
    columns = zip(effects, errors, misfits, by_week, np.sqrt(noises), strict=True)
    return [Compared(float(e), float(error), float(misfit), *by) for e, error, misfit, *by in columns]


def _against(stack: _Stack, seen: Floats) -> tuple[Floats, Floats]:
    """By row of weeks that are seen (1, else 0), unit and week: what a control leaves, and the noise of the two."""
    rows, shape = len(seen), (len(seen), *stack.own.shape)
    own, others, noise = (np.repeat(part[None], rows, axis=0) for part in (stack.own, stack.others, stack.others_noise))
    own, others, noise = (part.reshape(-1, *part.shape[2:]) for part in (own, others, noise))
    shown = np.repeat(seen, shape[1], axis=0)
    weeks = shown.sum(axis=1, keepdims=True)
    own = own - (own * shown).sum(axis=1, keepdims=True) / weeks
    others = others - (others * shown[:, None]).sum(axis=2, keepdims=True) / weeks[:, None]
    # What all donors do alike no weights can change.
    shared = others.mean(axis=1)
    own, others = own - shared, others - shared[:, None]
    weights = _weights(own * shown, others * shown[:, None], (noise * shown[:, None]).sum(axis=2))
    left = own - np.einsum("uj,ujw->uw", weights, others)
    return left.reshape(shape), stack.own_noise + np.einsum("uj,ujw->uw", weights**2, noise).reshape(shape)


def _weights(own: Floats, others: Floats, cost: Floats) -> Floats:
    """By unit weights, >= 0 and of sum 1, with the least squares left and noise taken in (Beck and Teboulle 2009)."""
    squares = np.einsum("ujw,ukw->ujk", others, others)
    squares += cost[:, :, None] * np.eye(cost.shape[1])
    products = np.einsum("ujw,uw->uj", others, own)
    step = 1 / np.linalg.eigvalsh(squares)[:, -1:]
    weights = ahead = np.full(cost.shape, 1 / cost.shape[1])
    momentum = 1.0
    for _ in range(_ITERATIONS):
        later = _on_simplex(ahead - step * ((squares @ ahead[:, :, None])[:, :, 0] - products))
        following = (1 + sqrt(1 + 4 * momentum**2)) / 2
        ahead = later + (momentum - 1) / following * (later - weights)
        weights, momentum = later, following
    return weights


def _on_simplex(points: Floats) -> Floats:
    """By row the nearest weights >= 0 of sum 1 (Held, Wolfe and Crowder 1974)."""
    ordered = np.sort(points, axis=1)[:, ::-1]
    excess = (np.cumsum(ordered, axis=1) - 1) / np.arange(1, points.shape[1] + 1)
    last = (ordered > excess).sum(axis=1) - 1
    return np.asarray(np.maximum(points - excess[np.arange(len(points)), last][:, None], 0.0))
