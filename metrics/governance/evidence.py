"""Tests of significance for the comparisons of a report: p-values, and Holm's correction for their number."""

from collections.abc import Sequence
from math import erfc, inf, sqrt
from typing import Final

from metrics.figures import student
from metrics.governance.estimates import Estimate

LEVEL: Final = 0.05
"""The probability, at most, that a report claims anything about a company in which nothing is wrong."""


def p_value(estimate: Estimate, null: float = 0.0, freedom: float = inf) -> float:
    """The two-sided p-value of a figure against `null`, 0..1.

    From the side of the 95 % interval that faces `null`, taken as so many standard errors as the 95 % quantile of the
    distribution; 1 without an interval.

    Args:
        estimate: The figure.
        null: What it is compared with.
        freedom: Degrees of freedom of an interval by Student's t; infinite: a normal one. Far from `null`, where Holm's
            correction decides, the two differ by much: at 29 and 3.6 standard errors 0.0012 against 0.0003.

    >>> round(p_value(Estimate(2.0, (0.0, 4.0), 90, 90.0)), 3), p_value(Estimate(2.0, None, 1, 1.0))
    (0.05, 1.0)
    >>> round(p_value(Estimate(2.0, (0.0, 4.0), 30, 30.0), freedom=29), 3)
    0.05
    """
    if estimate.value is None or estimate.ci is None:
        return 1.0
    distance = abs(estimate.value - null)
    error = abs(estimate.value - estimate.ci[estimate.value < null]) / student.quantile(freedom)
    return 2 * student.upper_tail(distance / error if error > 0 else (inf if distance > 0 else 0.0), freedom)


def of_z(z: float) -> float:
    """The two-sided p-value of a standard normal figure.

    >>> round(of_z(1.959964), 6)
    0.05
    """
    return erfc(abs(z) / sqrt(2))


def sign_test(above: int, below: int) -> float:
    """The two-sided p-value of the sign test with the continuity correction (Dixon, Mood 1946): is a value the median?

    >>> round(sign_test(60, 40), 3), sign_test(0, 0), sign_test(5, 5)
    (0.057, 1.0, 1.0)
    """
    n = above + below
    return of_z(max(0, abs(above - below) - 1) / sqrt(n)) if n else 1.0


def holm(p_values: Sequence[float], level: float = LEVEL) -> tuple[bool, ...]:
    """Which of several hypotheses hold: the probability of any false yes is at most `level` (Holm 1979).

    >>> holm([0.01, 0.04, 0.03]), holm([0.01, 0.02])
    ((True, False, False), (True, True))
    """
    order = sorted(range(len(p_values)), key=lambda i: (p_values[i], i))
    answers = [False] * len(p_values)
    for rank, i in enumerate(order):
        if p_values[i] > level / (len(p_values) - rank):
            break
        answers[i] = True
    return tuple(answers)
