"""Hand-offs to one department, each giver's compared with the steps inside it: all givers at once.

The same as `customers.difference_of_customers` of each giver, in matrices: with hundreds of departments there are a
hundred thousand pairs. What a customer adds to the deviation of a mean is a matrix of givers by customers, of which
only so many columns are held at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf, sqrt
from operator import attrgetter
from typing import Final

import numpy as np

from metrics.figures import student
from metrics.governance.customers import Floats, Numbers
from metrics.governance.estimates import NO_ESTIMATE, Estimate
from metrics.governance.transitions import CustomerAnswers, Transition

AT_ONCE: Final = 1 << 17
"""So many numbers of a matrix are held at once, 1 MB."""


@dataclass(frozen=True, slots=True)
class _Answers:
    """Answers after steps to one department, by giver and stratum: matrices with a row for each giver.

    The first row is of steps inside the department.

    Attributes:
        n: How many.
        mean: Their mean; 0 without any.
        size: How many customers gave them.
        alone_n: How many are each of another customer.
        alone: What these add to the variance of the mean.
        place: Of each other customer of a giver and stratum, the place of these two in the matrices, flat.
        customer: Who it is, a number from 0 on.
        share: The share of the answers that are the customer's.
        error: What the customer adds to the deviation of the mean.
    """

    n: Floats
    mean: Floats
    size: Floats
    alone_n: Floats
    alone: Floats
    place: Numbers
    customer: Numbers
    share: Floats
    error: Floats

    @property
    def customers(self) -> int:
        """How many customers have a number."""
        return int(self.customer.max(initial=-1)) + 1


def _answers(transitions: Sequence[Transition], of: Numbers, shape: tuple[int, int]) -> _Answers:
    """The answers after transitions, of which `of` says the place in matrices of a shape."""
    after = np.array([(item.after.n, item.after.total, item.after.squares) for item in transitions], dtype=np.float64)
    lengths = np.array([len(item.by_customer) for item in transitions], dtype=np.int64)
    n, total, _ = (_summed(of, column, shape) for column in after.T)
    alone = lengths == 0
    alone_n, alone_total, squares = (_summed(of[alone], column, shape) for column in after[alone].T)
    place, customer, counts, totals = _by_customer(transitions, np.repeat(of, lengths))
    mean = _divided(total, n)
    spread = np.maximum(0.0, squares - 2 * mean * alone_total + alone_n * mean**2)
    of_n = n.reshape(-1)[place]
    # The only customer has no error; nor is it compared.
    within = np.sqrt(1 - np.minimum(counts / of_n, 1))
    error = _divided((totals - counts * mean.reshape(-1)[place]) / of_n, within)
    size = alone_n + _summed(place, np.ones(len(place)), shape)
    return _Answers(
        n, mean, size, alone_n, _divided(spread, n * (n - 1)), place, customer, counts / of_n, error
    )  # fmt: skip


def _by_customer(transitions: Sequence[Transition], of: Numbers) -> tuple[Numbers, Numbers, Floats, Floats]:
    """Place, customer, answers and their sum of each customer of a place, once; `of` are the places of all rows."""
    rows = list(chain.from_iterable(item.by_customer for item in transitions))
    number, n, total = (np.array([*map(attrgetter(name), rows)]) for name in CustomerAnswers._fields)
    known, customer = np.unique(number.astype(np.int64), return_inverse=True)
    key, where = np.unique(of * max(1, len(known)) + customer, return_inverse=True)
    place, customer = np.divmod(key, max(1, len(known)))
    counts, totals = (np.bincount(where, column, len(key)).astype(np.float64) for column in (n, total))
    return place, customer, counts, totals


def _summed(place: Numbers, values: Floats, shape: tuple[int, int]) -> Floats:
    return np.bincount(place, values, shape[0] * shape[1]).astype(np.float64).reshape(shape)


def _divided(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


def gaps_by_giver(transitions: Sequence[Transition], *, alike: bool) -> Mapping[str, Estimate]:
    """By giver, satisfaction after its hand-offs to a department minus that after steps inside the department.

    Args:
        transitions: All transitions to one department, also those inside it.
        alike: Whether only answers to the same question are compared (`handoffs.like_with_like`). If not, a giver of
            whom only one customer has answered has a value, without an interval.
    """
    taker = transitions[0].taker
    givers = sorted({item.giver for item in transitions if item.crosses})
    row = {giver: number for number, giver in enumerate([taker, *givers])}
    strata = {
        question: number for number, question in enumerate(sorted({alike and item.asked for item in transitions}))
    }
    of = np.array([row[item.giver] * len(strata) + strata[alike and item.asked] for item in transitions])
    answers = _answers(transitions, of, (len(row), len(strata)))
    found = dict(zip(givers, _differences(answers), strict=True))
    return found if alike else found | dict(_without_interval(givers, answers))


def _without_interval(givers: Sequence[str], answers: _Answers) -> Iterator[tuple[str, Estimate]]:
    """Where a side has fewer than two customers: the value alone, or none without one."""
    n, mean, size = (column[:, 0].tolist() for column in (answers.n, answers.mean, answers.size))
    for number, giver in enumerate(givers, start=1):
        least, both = min(size[number], size[0]), round(n[number] + n[0])
        if least < 1:
            yield giver, Estimate(None, None, both, 0.0)
        elif least < 2:
            yield giver, Estimate(mean[number] - mean[0], None, both, least)


def _differences(answers: _Answers) -> Iterator[Estimate]:
    """Of each giver, over the strata in which both sides have two customers; see `difference_of_customers`."""
    n, inside = answers.n[1:], answers.n[0]
    kept = (answers.size[1:] > 1) & (answers.size[0] > 1)
    sizes = _divided(n * inside, n + inside) * kept
    weights = _divided(sizes, np.broadcast_to(sizes.sum(axis=1, keepdims=True), sizes.shape))
    errors, across, within, across_share, within_share = _squares(answers, weights)
    alone, alone_within = ((weights**2 * of).sum(axis=1) for of in (answers.alone[1:], answers.alone[0]))
    # Those who answered once have a share each, of one answer.
    across_share += (weights**2 * _divided(answers.alone_n[1:], n**2)).sum(axis=1)
    within_share += (weights**2 * _divided(answers.alone_n[0], inside**2)).sum(axis=1)
    columns = (
        kept.sum(axis=1),
        ((n + inside) * kept).sum(axis=1),
        (weights * answers.mean[1:]).sum(axis=1) - (weights * answers.mean[0]).sum(axis=1),
        alone + alone_within + errors,
        alone + across,
        alone_within + within,
        across_share,
        within_share,
    )
    return (_estimate(*numbers) for numbers in zip(*(column.tolist() for column in columns), strict=True))


def _squares(answers: _Answers, weights: Floats) -> Floats:
    """By giver, sums over customers: of squared errors, both sides' together, each side's; of each side's shares."""
    sums = np.zeros((5, len(weights)))
    for across, within, across_share, within_share in _by_giver_and_customer(answers, weights):
        parts = (across - within, across, within, across_share, within_share)
        sums += [np.einsum("gc,gc->g", part, part) for part in parts]
    return sums


def _by_giver_and_customer(answers: _Answers, weights: Floats) -> Iterator[tuple[Floats, Floats, Floats, Floats]]:
    """Givers by some customers: errors after hand-offs, errors inside, and both sides' shares, weighted by strata."""
    givers, strata = weights.shape
    order = np.argsort(answers.customer, kind="stable")
    width = max(1, min(answers.customers, AT_ONCE // max(givers, strata)))
    begins = range(0, answers.customers + width, width)
    edges = np.searchsorted(answers.customer[order], begins)
    for begin, first, last in zip(begins, edges, edges[1:], strict=False):
        rows = order[first:last]
        giver, stratum = np.divmod(answers.place[rows], strata)
        column, hand_off = answers.customer[rows] - begin, giver > 0
        place = (giver[hand_off] - 1) * width + column[hand_off]
        weight = weights[giver[hand_off] - 1, stratum[hand_off]]
        inside = stratum[~hand_off] * width + column[~hand_off]
        error, share = answers.error[rows], answers.share[rows]
        yield (
            _summed(place, weight * error[hand_off], (givers, width)),
            weights @ _summed(inside, error[~hand_off], (strata, width)),
            _summed(place, weight * share[hand_off], (givers, width)),
            weights @ _summed(inside, share[~hand_off], (strata, width)),
        )


def _estimate(
    strata: int, n: float, value: float, variance: float, across: float, within: float,
    across_share: float, within_share: float,
) -> Estimate:  # fmt: skip
    if not strata:
        return NO_ESTIMATE
    effective = 1 / across_share, 1 / within_share
    half = student.quantile(_freedom((across, within), effective, strata)) * sqrt(variance)
    return Estimate(value, (value - half, value + half), round(n), min(effective))


def _freedom(variances: tuple[float, float], effective: tuple[float, float], strata: int) -> float:
    both = sum(variances)
    if both <= 0:
        return inf  # two constants have no spread, and so no degrees of freedom
    parts = ((of / both) ** 2 / max(1.0, n - strata) for of, n in zip(variances, effective, strict=True))
    return 1 / sum(parts)
