"""An event study: by how much what changed differs from its control, week by week before and after the change.

Its error is that of placebos, as everywhere in `metrics.governance.synthetic`: how far those that did not change differ
from theirs. A band holds for all weeks together (Montiel Olea and Plagborg-Moller 2019), so that the one week of twenty
that chance makes large is not taken for an effect; and the weeks before the change are tested together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isnan, nan
from typing import NamedTuple

import numpy as np

from metrics.governance.customers import Floats
from metrics.governance.estimates import NO_ESTIMATE, Estimate
from metrics.governance.evidence import LEVEL


class WeekEffect(NamedTuple):
    """One week: its number (0 is the first whole one after the change, -1 the last before it), and the difference."""

    week: int
    effect: Estimate


@dataclass(frozen=True, slots=True)
class EventStudy:
    """Weeks around a change.

    Attributes:
        weeks: In order; the unit is that of the figure. The intervals hold at 95 % for all weeks together; None where
            there are too few placebos for them. n and n_eff count the answers of the week.
        leads_p: The share of placebos whose weeks before the change differ as much, the change itself among them, 0..1:
            the smaller, the less its control was a measure for it even before. NaN without any.
    """

    weeks: tuple[WeekEffect, ...] = ()
    leads_p: float = nan

    @property
    def differs_before(self) -> bool:
        """Whether the weeks before the change differ already, by more than chance and wandering levels make."""
        return self.leads_p <= LEVEL

    @property
    def without_lags(self) -> "EventStudy":
        """The same without figures of the weeks after the change, where they would mean nothing."""
        weeks = (week if week.week < 0 else week._replace(effect=NO_ESTIMATE) for week in self.weeks)
        return EventStudy(tuple(weeks), self.leads_p)


class Weekly(NamedTuple):
    """What is known of one change, or of several together, by week.

    Attributes:
        gaps: The differences, in the figure's unit.
        errors: What the noise of the answers makes of them, of several changes in the mean square: so much of the
            figure's unit is one of the sizes that are compared.
        answers: Their number.
        before: How many of the weeks are before the change.
    """

    gaps: Floats
    errors: Floats
    answers: Floats
    before: int

    def cut(self, before: int, after: int) -> "Weekly":
        """Only so many weeks on either side."""
        kept = slice(self.before - before, self.before + after)
        return Weekly(self.gaps[kept], self.errors[kept], self.answers[kept], before)


def together(parts: Sequence[Weekly]) -> Weekly:
    """The mean over several changes with as many weeks each.

    >>> one, other = (Weekly(np.array([gap, 0.0]), np.ones(2), np.array([9.0, 9.0]), 1) for gap in (1.0, 3.0))
    >>> both = together([one, other])
    >>> both.gaps.tolist(), both.answers.tolist()
    ([2.0, 0.0], [18.0, 18.0])
    """
    gaps, squares = (np.mean(rows, axis=0) for rows in ([p.gaps for p in parts], [p.errors**2 for p in parts]))
    return Weekly(gaps, np.sqrt(squares), np.sum([part.answers for part in parts], axis=0), parts[0].before)


def study(of: Weekly, own: Floats, placebos: Floats, fewest_p: float = 0.0) -> EventStudy:
    """The study of a change.

    Args:
        of: The change.
        own: By week its size: gaps over errors, or a mean of such.
        placebos: By placebo and week the same.
        fewest_p: The least p-value that so many placebos allow, where they are drawn again and again.
    """
    sizes = np.abs(np.vstack([own, placebos]))
    # By week the usual size, so that no week decides alone; the change is one of them, as if it were no other.
    usual = np.median(sizes, axis=0)
    usual = np.where(usual > 0, usual, 1.0)
    scaled = sizes / usual
    leads = (scaled[:, : of.before] ** 2).sum(axis=1)
    p = max(float((leads >= leads[0] * (1 - 1e-12)).mean()), fewest_p)
    greatest, rank = np.sort(scaled[1:].max(axis=1)), ceil((1 - LEVEL) * len(sizes))
    half = of.errors * usual * (greatest[rank - 1] if rank <= len(greatest) else nan)
    columns = zip(of.gaps.tolist(), half.tolist(), of.answers.tolist(), strict=True)
    return EventStudy(tuple(_week(week - of.before, *row) for week, row in enumerate(columns)), p)


def _week(week: int, gap: float, half: float, answers: float) -> WeekEffect:
    interval = None if isnan(half) else (gap - half, gap + half)
    return WeekEffect(week, Estimate(gap, interval, round(answers), answers))
