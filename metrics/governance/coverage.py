"""The share of bad interactions: where a company listens to its customers, how often it was bad."""

from typing import Final

from metrics.governance.estimates import Estimate, share

BOXES: Final = 2
"""An interaction is bad if its score is in so many lowest boxes of its scale."""


def bad_share(bad: float, scored: float, n_eff: float | None = None) -> Estimate:
    """The share of bad interactions, 0..1, with Wilson's interval: one unsolved problem harms more than a mean shows.

    >>> bad_share(3, 60).value
    0.05
    """
    return share(bad, scored, n_eff)
