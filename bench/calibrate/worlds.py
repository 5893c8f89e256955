"""Simulated streams of every type of metric, many at once: seasonal, autocorrelated, some with a shift."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metrics.durations import HOUR_S, MONTH_S

Array = NDArray[np.float64]
States = NDArray[np.int8]
NORMAL: Final = NormalDist()
HOURS_A_MONTH: Final = MONTH_S / HOUR_S
ECHO: Final = 0.15
"""Correlation of consecutive answers: those of one bad afternoon resemble each other."""
DRIFTING: Final = 0.7
"""Correlation of the busyness of consecutive hours, beyond what weekday and hour explain."""


@dataclass(frozen=True, slots=True)
class World:
    """A type of stream.

    Attributes:
        metric: Its name in the catalogue.
        a_month: Steps a month: answers, or hours.
        draw: Exposure and total of steps x streams, from a latent noise and a shift in units of the smallest one.
    """

    metric: str
    a_month: float
    draw: Callable[[np.random.Generator, int, int, Array], tuple[Array, Array]]


def latent(rng: np.random.Generator, steps: int, streams: int, echo: float) -> Array:
    """A standard normal AR(1) process of each stream."""
    noise = rng.standard_normal((steps, streams))
    for i in range(1, steps):
        noise[i] = echo * noise[i - 1] + np.sqrt(1 - echo * echo) * noise[i]
    return noise


def _share(share: float, shift: float) -> Callable[[np.random.Generator, int, int, Array], tuple[Array, Array]]:
    def draw(rng: np.random.Generator, steps: int, streams: int, shifted: Array) -> tuple[Array, Array]:
        # One level before and one after: the quantile of the share.
        levels = share + shift * shifted
        cuts = np.array([NORMAL.inv_cdf(level) for level in levels])
        total = (latent(rng, steps, streams, ECHO) < cuts[:, None]).astype(float)
        return np.ones_like(total), total

    return draw


def _nps(rng: np.random.Generator, steps: int, streams: int, shifted: Array) -> tuple[Array, Array]:
    noise = latent(rng, steps, streams, ECHO)
    low = np.array([NORMAL.inv_cdf(0.20 - 0.075 * s) for s in shifted])[:, None]
    high = np.array([NORMAL.inv_cdf(0.55 - 0.075 * s) for s in shifted])[:, None]
    total = np.where(noise > high, 1.0, np.where(noise < low, -1.0, 0.0))
    return np.ones_like(total), total


def _ces(rng: np.random.Generator, steps: int, streams: int, shifted: Array) -> tuple[Array, Array]:
    noise = latent(rng, steps, streams, ECHO)
    total = np.clip(np.round(5.4 + 0.32 * shifted[:, None] + 1.2 * noise), 1, 7)
    return np.ones_like(total), total


def season(steps: int) -> Array:
    """How busy each hour is, from a Monday on: little at night and on Sunday; its mean is 1."""
    hours = np.arange(steps)
    day = 1 + 0.9 * np.sin((hours % 24 - 8) * np.pi / 12)
    week = np.array([1.2, 1.15, 1.1, 1.1, 1.05, 0.8, 0.6])[hours // 24 % 7]
    return np.asarray(day * week, dtype=float)


def _busy(rng: np.random.Generator, steps: int, streams: int, level: Array, noise: float) -> Array:
    swing = np.exp(noise * latent(rng, steps, streams, DRIFTING) - noise * noise / 2)
    return np.asarray(season(steps)[:, None] * level[:, None] * swing)


def _volume(
    hourly: float, noise: float, crowd: float = 1.0
) -> Callable[[np.random.Generator, int, int, Array], tuple[Array, Array]]:
    def draw(rng: np.random.Generator, steps: int, streams: int, shifted: Array) -> tuple[Array, Array]:
        events = rng.poisson(_busy(rng, steps, streams, hourly * (1 + 0.3 * shifted), noise)).astype(float)
        if crowd > 1:
            # Posts seen by very many and by few: a gamma sum of as many exponential crowds as there are posts.
            events = np.round(np.where(events > 0, rng.gamma(np.maximum(events, 1e-9), crowd), 0.0))
        return np.zeros_like(events), events

    return draw


def _rate(rng: np.random.Generator, steps: int, streams: int, shifted: Array) -> tuple[Array, Array]:
    visits = rng.poisson(_busy(rng, steps, streams, np.full(steps, 40.0), 0.15)).astype(float)
    return visits, rng.poisson(visits * (0.03 * (1 + 0.3 * shifted))[:, None]).astype(float)


WORLDS: Final = (
    World("nps", 400, _nps),
    World("csat", 1000, _share(0.75, 0.10)),
    World("ces", 700, _ces),
    World("repeat_rate", 900, _share(0.30, 0.10)),
    World("retention", 300, _share(0.88, 0.10)),
    World("conversion_rate", HOURS_A_MONTH, _rate),
    World("traffic", HOURS_A_MONTH, _volume(40, 0.15)),
    World("awareness", HOURS_A_MONTH, _volume(2, 0.15, 40)),
    World("conversions", HOURS_A_MONTH, _volume(6, 0.1)),
    World("referrals", HOURS_A_MONTH, _volume(0.4, 0.05)),
)
