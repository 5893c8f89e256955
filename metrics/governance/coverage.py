"""Coverage: where a company listens to its customers and where it does not, and its share of bad interactions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from metrics.catalogue import SCORE_RANGES
from metrics.figures.sample_sizes import makes_uncertain
from metrics.governance.estimates import Estimate, share

BOXES: Final = 2
"""An interaction is bad if its score is in the two lowest boxes of its scale."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How many answers there are about one touchpoint.

    Attributes:
        touchpoint: Its id.
        channel: online or offline.
        stage: before, during or after the purchase.
        n_eff: Effective number of answers.
    """

    touchpoint: str
    channel: str
    stage: str
    n_eff: float


def matrix(heard: Iterable[Heard]) -> dict[tuple[str, str], float]:
    """The effective answers by channel and stage.

    >>> matrix([Heard("web", "online", "before", 5.0), Heard("ad", "online", "before", 2.0)])
    {('online', 'before'): 7.0}
    """
    sums: dict[tuple[str, str], float] = {}
    for touchpoint in heard:
        sums[touchpoint.channel, touchpoint.stage] = (
            sums.get((touchpoint.channel, touchpoint.stage), 0.0) + touchpoint.n_eff
        )
    return sums


def unheard(heard: Iterable[Heard]) -> tuple[Heard, ...]:
    """The touchpoints with too few effective answers to be certain of, the fewest first.

    >>> web, fax = Heard("web", "online", "during", 300.0), Heard("fax", "offline", "after", 0.0)
    >>> unheard([web, fax]) == (fax,)
    True
    """
    return tuple(
        sorted(
            (touchpoint for touchpoint in heard if makes_uncertain(touchpoint.n_eff)),
            key=lambda touchpoint: (touchpoint.n_eff, touchpoint.touchpoint),
        )
    )


def is_bad(kind: str, score: int) -> bool:
    """Whether a score is in the two lowest boxes of its scale.

    >>> is_bad("csat", 2), is_bad("csat", 3), is_bad("nps", 1)
    (True, False, True)
    """
    return score < SCORE_RANGES[kind][0] + BOXES


def satisfaction(kind: str, score: float) -> float:
    """A score on its own scale, mapped to 0 (worst) to 1 (best), so that steps of a journey can be compared.

    >>> satisfaction("nps", 5), satisfaction("csat", 5), satisfaction("ces", 1)
    (0.5, 1.0, 0.0)
    """
    low, high = SCORE_RANGES[kind]
    return (score - low) / (high - low)


def bad_share(bad: float, scored: float, n_eff: float | None = None) -> Estimate:
    """The share of bad interactions, 0..1, with Wilson's interval: one unsolved problem harms more than a mean shows.

    >>> bad_share(3, 60).value
    0.05
    """
    return share(bad, scored, n_eff)
