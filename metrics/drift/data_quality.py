"""Data quality next to drift: what is wrong with the measurement rather than with what is measured.

Each check compares the last week with the four weeks before it, and fires only beyond chance: a difference of counts
or shares must exceed DEVIATIONS standard deviations, with a doubled variance, because events come in crowds.
"""

from collections.abc import Mapping
from math import exp, sqrt
from typing import Final, Literal

from metrics.drift.contributions import moved
from metrics.figures.response_rates import ResponseRate

Companion = Literal["silent_touchpoint", "unowned_share", "owner_mix", "sample", "responses", "myopia"]
COMPANIONS: Final[tuple[Companion, ...]] = (
    "silent_touchpoint", "unowned_share", "owner_mix", "sample", "responses", "myopia",
)  # fmt: skip

DEVIATIONS: Final = 3.5
CROWDS: Final = 2.0
"""Variance of counts over their mean: events are not independent."""
SILENCE: Final = 1e-4
"""Probability below which a silence is reported."""
LEAST_SHARE: Final = 0.02
"""Least rise of a share that is reported."""
LEAST_MIX: Final = 0.1
"""Least part of the mix of owners that must have changed."""
COLLAPSE: Final = 0.5
"""A sample has collapsed if it is below this part of its former size."""


def is_silent(expected: float) -> bool:
    """Whether a touchpoint without any event, where its own rhythm predicts `expected`, is silent beyond chance.

    >>> is_silent(5), is_silent(20)
    (False, True)
    """
    return exp(-expected / CROWDS) < SILENCE


def share_rose(before: float, part_before: float, after: float, part_after: float) -> bool:
    """Whether the share of a kind, such as events without an owner, has risen beyond chance.

    A two-sample z-test of pooled shares, with CROWDS times the variance of independent events.

    Args:
        before: Number of observations in the time before.
        part_before: How many of those are of the kind.
        after: Number of observations in the last period.
        part_after: How many of those are of the kind.

    >>> share_rose(4000, 40, 1000, 80), share_rose(4000, 40, 1000, 15), share_rose(0, 0, 9, 9)
    (True, False, False)
    """
    if min(before, after) <= 0:
        return False
    rise = part_after / after - part_before / before
    pooled = (part_before + part_after) / (before + after)
    return rise > LEAST_SHARE and rise > DEVIATIONS * sqrt(CROWDS * pooled * (1 - pooled) * (1 / before + 1 / after))


def mix_shifted(before: Mapping[str, int], after: Mapping[str, int]) -> bool:
    """Whether the departments' shares of all events have shifted.

    The total variation must be at least LEAST_MIX, and chi-squared DEVIATIONS standard deviations above its mean.

    >>> mix_shifted({"a": 400, "b": 400}, {"a": 150, "b": 50}), mix_shifted({"a": 40, "b": 40}, {"a": 11, "b": 9})
    (True, False)
    """
    if moved(before, after) < LEAST_MIX:
        return False
    total_before, total_after = sum(before.values()), sum(after.values())
    chi2 = 0.0
    for owner in {*before, *after}:
        both = before.get(owner, 0) + after.get(owner, 0)
        expected = both * total_after / (total_before + total_after)
        difference = after.get(owner, 0) - expected
        chi2 += difference * difference / max(expected * total_before / (total_before + total_after), 1e-9)
    freedom = max(1, len({*before, *after}) - 1)
    return chi2 / CROWDS > freedom + DEVIATIONS * sqrt(2 * freedom)


def collapsed(before: int, after: int) -> bool:
    """Whether the last week has far fewer answers than a week of the four before.

    >>> collapsed(400, 30), collapsed(400, 80), collapsed(8, 0)
    (True, False, False)
    """
    expected = before / 4
    return after < COLLAPSE * expected and expected - after > DEVIATIONS * sqrt(CROWDS * expected * 1.25)


def responses_collapsed(before: ResponseRate, after: ResponseRate) -> bool:
    """Whether far fewer of a touchpoint's invitations are answered than before, beyond chance.

    A two-sample z-test of pooled shares on effective numbers of invitations, with CROWDS times their variance.

    >>> from metrics.figures.response_rates import Invited, response_rate
    >>> def of(sent, answered):
    ...     return response_rate(Invited(invitations=sent, answered=answered, squares=sent, answers=answered))
    >>> responses_collapsed(of(4000, 1000), of(1000, 50)), responses_collapsed(of(4000, 1000), of(1000, 180))
    (True, False)
    >>> responses_collapsed(of(40, 10), of(10, 0)), responses_collapsed(of(400, 100), of(0, 0))
    (False, False)
    """
    if before.value is None or after.value is None or after.value >= COLLAPSE * before.value:
        return False
    shares, sizes = (before.value / 100, after.value / 100), (before.n_eff, after.n_eff)
    pooled = sum(share * n for share, n in zip(shares, sizes, strict=True)) / sum(sizes)
    error = sqrt(CROWDS * pooled * (1 - pooled) * sum(1 / n for n in sizes))
    return shares[0] - shares[1] > DEVIATIONS * error
