"""Student's distribution (Student 1908), for degrees of freedom that need not be whole: its tail and its quantiles.

scipy has it as well, and 70 MB that a worker would load for one number. The tail follows from the incomplete beta
function, computed as a continued fraction (Press et al., Numerical Recipes, 6.4); Newton's method inverts it.
"""

from functools import lru_cache
from math import cos, erfc, exp, inf, isinf, lgamma, log, log1p, pi, sqrt
from typing import Final

TAIL: Final = 0.025
"""What lies beyond either end of a 95 % interval."""
_FEW: Final = 10
_MANY: Final = 500  # from here on the expansion in powers of one over the degrees is exact to 1e-12
_FITTED: Final = ((1.0, 3.0), (3.0, float(_MANY)))
"""Degrees of freedom between which the usual quantile is a polynomial in one over them."""
_NODES: Final = 14
_NEARLY_NORMAL: Final = 100_000  # degrees of freedom from which on the normal equivalent is exact to 1e-9
_TINY: Final = 1e-300
_EXACT: Final = 1e-14
_CLOSE: Final = 1e-11  # after such a step the next would be lost in rounding


def upper_tail(t: float, freedom: float) -> float:
    """The probability that Student's t is greater.

    Args:
        t: Any number, also an infinite one.
        freedom: Degrees of freedom, >= 0.5; infinite: the normal distribution.

    Returns:
        0..1; where it is 1e-10 or more, exact to 1e-8 of itself.

    >>> [round(upper_tail(t, freedom), 4) for t, freedom in ((12.7062, 1), (2.2281, 10), (-2.2281, 10), (1.96, inf))]
    [0.025, 0.025, 0.975, 0.025]
    """
    if t < 0:
        return 1 - upper_tail(-t, freedom)
    square = t * t / freedom
    if freedom > _NEARLY_NORMAL:
        # Its normal equivalent (Wallace 1959).
        return _normal_tail(
            t if isinf(freedom) else (8 * freedom + 1) / (8 * freedom + 3) * sqrt(freedom * log1p(square))
        )
    if square in (0.0, inf):
        return 0.0 if square else 0.5
    return _incomplete_beta(1 / (1 + square), square / (1 + square), freedom / 2, 0.5) / 2


@lru_cache(maxsize=4096)
def quantile(freedom: float, tail: float = TAIL) -> float:
    """The value that Student's t exceeds with a probability of `tail`.

    Args:
        freedom: Degrees of freedom, >= 0.5; infinite: the normal distribution.
        tail: 0 < tail < 0.5.

    Returns:
        For the usual tail 12.7 at one degree, falling to 1.96; exact to 1e-9.

    >>> [round(quantile(freedom), 6) for freedom in (1, 2.5, 5, 30, 1e9, inf)]
    [12.706205, 3.574655, 2.570582, 2.042272, 1.959964, 1.959964]
    >>> round(quantile(10, 0.001), 3)
    4.144
    """
    if tail == TAIL:
        for fewest, most in _FITTED:
            if fewest <= freedom <= most:
                return _fitted(freedom, fewest, most)
    return _solved(freedom, tail)


def _fitted(freedom: float, fewest: float, most: float) -> float:
    """The usual quantile between some degrees of freedom: Clenshaw's sum of Chebyshev polynomials.

    It is exact to 1e-12, and costs a twentieth of a solution: a refresh asks for thousands, and governance for as many
    as there are pairs of departments.
    """
    x = (2 / freedom - 1 / fewest - 1 / most) / (1 / fewest - 1 / most)
    last = before = 0.0
    first, *others = _coefficients(fewest, most)
    for coefficient in reversed(others):
        last, before = 2 * x * last - before + coefficient, last
    return x * last - before + first


@lru_cache(maxsize=len(_FITTED))
def _coefficients(fewest: float, most: float) -> tuple[float, ...]:
    """Those of the polynomial through the quantiles at the Chebyshev nodes."""
    angles = [pi * (node + 0.5) / _NODES for node in range(_NODES)]
    middle, reach = (1 / fewest + 1 / most) / 2, (1 / fewest - 1 / most) / 2
    values = [_solved(1 / (middle + reach * cos(angle)), TAIL) for angle in angles]
    return tuple(
        (2 if degree else 1)
        * sum(value * cos(degree * angle) for value, angle in zip(values, angles, strict=True))
        / _NODES
        for degree in range(_NODES)
    )


def _solved(freedom: float, tail: float) -> float:
    least = _normal_quantile(tail)
    expanded = least + sum(term / freedom**power for power, term in enumerate(_terms(least), start=1))
    if freedom > _MANY * max(1.0, least**2 / 4):
        return expanded
    # The distribution function is concave: steps from below never pass the root. Where it is accurate, the expansion
    # is nearer.
    value = expanded if freedom > _FEW else least
    for _ in range(400):
        step = (upper_tail(value, freedom) - tail) / _density(value, freedom)
        value = max(least, value + step)
        if abs(step) < _CLOSE * value:
            break
    return value


@lru_cache(maxsize=64)
def _normal_quantile(tail: float) -> float:
    value = 0.0
    for _ in range(400):
        step = (_normal_tail(value) - tail) * sqrt(2 * pi) * exp(value * value / 2)
        value += step
        if abs(step) < _EXACT * value:
            break
    return value


def _normal_tail(z: float) -> float:
    return erfc(z / sqrt(2)) / 2


def _terms(z: float) -> tuple[float, ...]:
    """Of the expansion in powers of one over the degrees of freedom (Abramowitz and Stegun, 26.7.5)."""
    return (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )


def _density(value: float, freedom: float) -> float:
    scale = lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - log(freedom * pi) / 2
    return exp(scale - (freedom + 1) / 2 * log1p(value * value / freedom))


def _incomplete_beta(x: float, rest: float, a: float, b: float) -> float:
    """The regularised incomplete beta function; `rest` is 1 - x."""
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(rest))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(rest, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    result = d
    for m in range(1, 10 + int(sqrt(max(a, b)) * 10) + 200):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _not_zero(1 + numerator * d)
            c = _not_zero(1 + numerator / c)
            result *= c * d
        if abs(c * d - 1) < _EXACT:
            break
    return result


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
