"""Streams of events whose truth is known, and what a figure is computed from of them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from metrics.durations import DAY_S, MINUTE_S
from metrics.figures.days import HALF_LIVES_COUNTED
from metrics.figures.formulas import Ingredients
from metrics.figures.sums import Sums

AT_S: Final = 20_000 * DAY_S + 45_240.0
"""The instant of all figures: 12:34 UTC."""

Numbers = npt.NDArray[np.float64]
Chance = np.random.Generator


@dataclass(frozen=True)
class Stream:
    """Events of one kind.

    Attributes:
        minutes: When, epoch seconds of whole minutes.
        sizes: Their counts.
        scores: Their scores; 0 for kinds without.
        customers: Whose they are, by number.
    """

    minutes: Numbers
    sizes: Numbers = field(default_factory=lambda: np.empty(0))
    scores: Numbers = field(default_factory=lambda: np.empty(0))
    customers: Numbers = field(default_factory=lambda: np.empty(0))


Streams = dict[str, Stream]
Simulated = Callable[[Chance, float], Streams]
"""Streams by kind: given chance, and for how many days they have been there."""


def days_of(days: float) -> Numbers:
    """The days of a stretch that ends at the instant, the first and the last of them in part: starts, epoch seconds."""
    first = AT_S - days * DAY_S
    return np.arange(first // DAY_S, AT_S // DAY_S + 1) * DAY_S


def moments(chance: Chance, days: float, rate: float, factor: Numbers | None = None) -> Numbers:
    """Minutes of events that come at a rate a day, times a factor of each day."""
    starts, since_s = days_of(days), AT_S - days * DAY_S
    n = chance.poisson(rate * (1 if factor is None else factor), len(starts))
    instants = np.repeat(starts, n) + chance.random(n.sum()) * DAY_S
    minutes: Numbers = instants // MINUTE_S * MINUTE_S
    fits = (minutes >= since_s) & (minutes + MINUTE_S <= AT_S)
    return np.asarray(minutes[fits])


def plain(minutes: Numbers, scores: Numbers | None = None, customers: Numbers | None = None) -> Stream:
    """Events without counts; every one of its own customer unless said otherwise."""
    n = len(minutes)
    return Stream(
        minutes,
        np.ones(n),
        np.zeros(n) if scores is None else scores,
        np.arange(n, dtype=float) if customers is None else customers,
    )


def ingredients(streams: Streams, kinds: tuple[str, ...], half_life_s: float, by_customer: bool) -> Ingredients:
    """What a figure of some kinds is computed from on a horizon."""
    shown = {kind: streams[kind] for kind in kinds if kind in streams and len(streams[kind].minutes)}
    sums, daily, weights, owners = {}, {}, [], []
    for kind, stream in shown.items():
        age = AT_S - stream.minutes
        w = np.where(age < HALF_LIVES_COUNTED * half_life_s, np.exp2(-age / half_life_s), 0.0)
        sums[kind] = _sums(stream, w, kind)
        days, of_day = np.unique(stream.minutes // DAY_S, return_inverse=True)
        totals = np.bincount(of_day, w * stream.sizes)
        daily[kind] = {int(day): float(total) for day, total in zip(days, totals, strict=True) if total}
        weights.append(w)
        owners.append(stream.customers)
    return Ingredients(sums, daily, _repeated(np.concatenate(weights), np.concatenate(owners)) if by_customer else 0.0)


def _sums(stream: Stream, w: Numbers, kind: str) -> Sums:
    size, score, of_kind = stream.sizes, stream.scores, kind in ("nps", "csat", "ces")
    first, last = int(stream.minutes.min()), int(stream.minutes.max())
    weighted = w * size
    sums = Sums(
        n=int(size[w > 0].sum()), w=float(weighted.sum()), w2=float((weighted * weighted).sum()),
        trials=float((w * weighted).sum()), sizes=float((weighted * size).sum()), first=first, last=last,
    )  # fmt: skip
    if not of_kind:
        return sums
    return replace(
        sums,
        promoters=float(w[score >= 9].sum()),
        detractors=float(w[score <= 6].sum()),
        satisfied=float(w[score >= 4].sum()),
        score=float((w * score).sum()),
        score_sq=float((w * score * score).sum()),
    )


def _repeated(weights: Numbers, customers: Numbers) -> float:
    _, of_customer = np.unique(customers, return_inverse=True)
    of_each = np.bincount(of_customer, weights)
    return float((of_each * of_each).sum() - (weights * weights).sum())
