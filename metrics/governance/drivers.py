"""Key drivers: at which touchpoints satisfaction goes with the customers' last word, and how much of it.

A journey with answers at several touchpoints says both: how each of them was, and how the customer judged in the end.
A regression of the last word on the answers before it gives each touchpoint a slope; the part of the explained variance
that is a touchpoint's own is its Shapley value (Lindeman, Merenda and Gold 1980; Groemping 2007). Descriptive, not
causal: what touchpoints have in common, such as a patient customer, counts for those that were answered.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import factorial, nan, sqrt
from typing import Final, NamedTuple

import numpy as np

from metrics.figures import student
from metrics.governance.customers import Floats, Numbers
from metrics.governance.estimates import Estimate
from metrics.governance.evidence import holm, p_value
from metrics.governance.resampling import PERCENTILES, ROUNDS

MOST_TOUCHPOINTS: Final = 10
"""Touchpoints at a time: the Shapley value looks at each set of them."""
FEWEST_ANSWERS: Final = 30
"""Journeys with an answer at a touchpoint, below which it is left out."""
FEWEST_CUSTOMERS: Final = 100
FOLDS: Final = 5
RIDGE: Final = 1e-9


class AnsweredJourney(NamedTuple):
    """A journey with a last word, and answers before it.

    Attributes:
        customer: Number of the customer whose journey it is; journeys of one customer are not independent.
        outcome: The last word, in the points of its metric.
        levels: Satisfaction by touchpoint, 0..1, of the answers before it.
    """

    customer: int
    outcome: float
    levels: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class KeyDriver:
    """What a touchpoint has to do with the last word.

    Attributes:
        touchpoint: Its id.
        slope: Points of the outcome between the worst and the best answer there, the other touchpoints being equal;
            its interval takes each customer as one observation (Liang and Zeger 1986, with Student's quantile).
        share: Its part of the variance of the last word, 0..1, with a percentile interval over customers. It is never
            negative, so that its interval never says that there is nothing: `is_driver` does.
        level: Mean satisfaction there, 0..1.
        is_driver: Whether the slope is not 0, of all touchpoints together (Holm 1979), and the whole predicts.
    """

    touchpoint: str
    slope: Estimate
    share: Estimate
    level: float
    is_driver: bool


@dataclass(frozen=True, slots=True)
class KeyDrivers:
    """All touchpoints together.

    Attributes:
        journeys: How many journeys with a last word and an answer before it there are.
        customers: Of how many customers.
        explained: Part of the variance of the last word that the answers explain, 0..1; NaN where too little is there.
        predicted: The same for customers that the regression has not seen (cross-validation); below 0 it does worse
            than the mean. NaN where too little is there.
        drivers: By share, the greatest first; none where too little is there.
        left_out: Touchpoints that have too few answers, or came after the MOST_TOUCHPOINTS that have more.
    """

    journeys: int
    customers: int
    explained: float
    predicted: float
    drivers: tuple[KeyDriver, ...]
    left_out: tuple[str, ...]

    @property
    def predicts(self) -> bool:
        """Whether the answers foretell the last word of customers that were not looked at."""
        return self.predicted > 0


class _Data(NamedTuple):
    """Journeys as numbers.

    Attributes:
        table: By journey 1; by touchpoint the level less its mean, and whether there is no answer; the outcome.
        customer: By journey the customer, counted from 0.
        counts: By touchpoint the journeys with an answer, and their customers.
        levels: By touchpoint the mean level.
    """

    table: Floats
    customer: Numbers
    counts: list[tuple[int, int]]
    levels: list[float]


def key_drivers(journeys: Sequence[AnsweredJourney], seed: int = 0, rounds: int = ROUNDS) -> KeyDrivers:
    """The key drivers of an outcome; the same journeys, in any order, give the same.

    Args:
        journeys: Those with a last word.
        seed: Of the draws of the intervals of shares.
        rounds: How many draws.
    """
    kept = sorted((item for item in journeys if item.levels), key=lambda item: (*item[:2], sorted(item.levels.items())))
    customers = len({item.customer for item in kept})
    counts = Counter(touchpoint for item in kept for touchpoint in item.levels)
    often = sorted((name for name, n in counts.items() if n >= FEWEST_ANSWERS), key=lambda name: (-counts[name], name))
    names = sorted(often[:MOST_TOUCHPOINTS])
    left_out = tuple(sorted(counts.keys() - set(names)))
    if not names or customers < FEWEST_CUSTOMERS or len({item.outcome for item in kept}) < 2:
        return KeyDrivers(len(kept), customers, nan, nan, (), left_out)
    data = _data(kept, names)
    shares, predicted = _shares(_correlations(data, seed, rounds)), _predicted(data)
    drivers = _drivers(names, data, shares, predicted)
    return KeyDrivers(len(kept), customers, float(shares[0].sum()), predicted, drivers, left_out)


def _data(journeys: Sequence[AnsweredJourney], names: Sequence[str]) -> _Data:
    levels = np.array([[item.levels.get(name, nan) for name in names] for item in journeys], dtype=np.float64)
    is_missing, means = np.isnan(levels), np.nanmean(levels, axis=0)
    # No answer is a level of its own: nobody's answer is made up, and those who answer less need not be less happy.
    pairs = np.stack([np.where(is_missing, 0.0, levels - means), is_missing], axis=2).reshape(len(journeys), -1)
    outcome = np.array([[item.outcome] for item in journeys], dtype=np.float64)
    customer = np.unique([item.customer for item in journeys], return_inverse=True)[1]
    counts = [(int(there.sum()), len(np.unique(customer[there]))) for there in ~is_missing.T]
    return _Data(np.hstack([np.ones_like(outcome), pairs, outcome]), customer, counts, means.tolist())


def _correlations(data: _Data, seed: int, rounds: int) -> Floats:
    """Of all columns but the first: as observed, and then of customers drawn with replacement (Efron 1979)."""
    generator, customers = np.random.default_rng(seed), int(data.customer.max()) + 1
    weights = [np.ones(customers), *generator.multinomial(customers, np.full(customers, 1 / customers), size=rounds)]
    return np.stack([_correlation(data.table, drawn[data.customer].astype(np.float64)) for drawn in weights])


def _correlation(table: Floats, weights: Floats) -> Floats:
    moments: Floats = table.T @ (table * weights[:, None]) / weights.sum()
    covariance = moments[1:, 1:] - np.outer(moments[0, 1:], moments[0, 1:])
    spread = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
    return np.asarray(covariance / np.outer(spread, spread))


def _shares(correlations: Floats) -> Floats:
    """By matrix and touchpoint, the Shapley value of R squared: its mean gain over all orders of the touchpoints."""
    players = (correlations.shape[1] - 1) // 2
    worth = np.zeros((len(correlations), 1 << players))
    for chosen in range(1, 1 << players):
        worth[:, chosen] = _explained(correlations, [2 * i for i in range(players) if chosen >> i & 1])
    values = np.zeros((len(correlations), players))
    for i in range(players):
        for chosen in (chosen for chosen in range(1 << players) if not chosen >> i & 1):
            size = chosen.bit_count()
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            values[:, i] += weight * (worth[:, chosen | 1 << i] - worth[:, chosen])
    return values


def _explained(correlations: Floats, firsts: Sequence[int]) -> Floats:
    """R squared of the outcome on some touchpoints, each of two columns."""
    columns = [first + part for first in firsts for part in (0, 1)]
    # Touchpoints that are always answered together have the same second column: a trace of ridge keeps it solvable.
    among = correlations[:, columns][:, :, columns] + RIDGE * np.eye(len(columns))
    with_outcome = correlations[:, columns, -1]
    slopes = np.linalg.solve(among, with_outcome[:, :, None])[:, :, 0]
    return np.asarray((slopes * with_outcome).sum(axis=1))


def _predicted(data: _Data) -> float:
    """R squared for customers in whose absence the regression was made (Stone 1974)."""
    columns, outcome, fold = data.table[:, :-1], data.table[:, -1], data.customer % FOLDS
    errors = deviations = 0.0
    for number in range(FOLDS):
        seen, rest = fold != number, fold == number
        slopes = np.linalg.lstsq(columns[seen], outcome[seen], rcond=None)[0]
        errors += float(((outcome[rest] - columns[rest] @ slopes) ** 2).sum())
        deviations += float(((outcome[rest] - outcome[seen].mean()) ** 2).sum())
    return 1 - errors / deviations


def _slopes(data: _Data) -> list[tuple[float, float]]:
    """By touchpoint slope and standard error, with customers as clusters (Liang and Zeger 1986)."""
    columns, outcome = data.table[:, :-1], data.table[:, -1]
    bread = np.linalg.pinv(columns.T @ columns, rcond=1e-10)
    slopes = bread @ columns.T @ outcome
    scores = np.zeros((int(data.customer.max()) + 1, columns.shape[1]))
    np.add.at(scores, data.customer, columns * (outcome - columns @ slopes)[:, None])
    customers = len(scores)
    variance = bread @ (scores.T @ scores) @ bread * customers / (customers - 1)
    return [(float(slopes[i]), sqrt(max(0.0, variance[i, i]))) for i in range(1, columns.shape[1], 2)]


def _drivers(names: Sequence[str], data: _Data, shares: Floats, predicted: float) -> tuple[KeyDriver, ...]:
    lows, highs = np.percentile(shares[1:], PERCENTILES, axis=0)
    slopes, parts = [], []
    for i, ((value, error), (n, customers)) in enumerate(zip(_slopes(data), data.counts, strict=True)):
        half, part = student.quantile(customers - 1) * error, float(shares[0, i])
        slopes.append(Estimate(value, (value - half, value + half), n, float(customers)))
        ends = min(part, float(lows[i])), max(part, float(highs[i]))
        parts.append(Estimate(part, ends, n, float(customers)))
    held = holm([p_value(slope, freedom=slope.n_eff - 1) for slope in slopes])
    drivers = [
        KeyDriver(name, slopes[i], parts[i], data.levels[i], held[i] and predicted > 0) for i, name in enumerate(names)
    ]
    return tuple(sorted(drivers, key=lambda driver: (-(driver.share.value or 0.0), driver.touchpoint)))
