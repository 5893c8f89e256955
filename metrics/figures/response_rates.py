"""Response rates: of the invitations to a survey, how many were answered.

An invitation is answered if its customer answers at its touchpoint (nps, csat or ces) within ANSWER_WINDOW_S. One that
is younger is open, and counts neither way: so a rate does not fall towards the end of a period. Answers that nobody was
invited to give are not among them, and no rate is above 100 %.

Where most invitations or most answers name no customer, all that can be compared are their numbers.
"""

from typing import Final, Literal, NamedTuple

from metrics.durations import DAY_S
from metrics.figures.intervals import wilson
from metrics.figures.sample_sizes import TOO_FEW, is_too_few

ANSWER_WINDOW_S: Final = 7 * DAY_S
"""How long an invitation is waited for."""

ResponsesBy = Literal["department", "touchpoint", "week"]
ResponseBasis = Literal["customers", "counts"]
"""What a rate is made of: invitations with the answers of their customers; or numbers of invitations and of answers."""
NoRate = Literal["", "too_recent", "n_eff<5", "more_answers_than_invitations"]
"""Why there is no rate; empty where there is one."""


class Invited(NamedTuple):
    """Sums over invitations, and over answers at their touchpoints in the same time.

    Attributes:
        invitations: Invitations that were not open any more.
        open: Those that still were.
        nameless: Of `invitations`, those without a customer.
        answers: Answers, invited or not.
        nameless_answers: Of those, the ones without a customer.
        answered: Of the invitations with a customer, those that were answered.
        squares: Sum over customers of their squared number of invitations.
    """

    invitations: int = 0
    open: int = 0
    nameless: int = 0
    answers: int = 0
    nameless_answers: int = 0
    answered: int = 0
    squares: int = 0

    def plus(self, other: "Invited") -> "Invited":
        """The sums of both; the customers of one are taken for none of the other's."""
        return Invited(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    @property
    def basis(self) -> ResponseBasis:
        """What a rate can be made of."""
        mostly = 2 * self.nameless > self.invitations or 2 * self.nameless_answers > self.answers > 0
        return "counts" if mostly else "customers"


class ResponseRate(NamedTuple):
    """A response rate.

    Attributes:
        value: In percent; None where there is none.
        ci: Its 95 % interval: Wilson's, on n_eff.
        n: Invitations that it is of.
        n_eff: The same; all those of one customer are one observation (Kish's design effect at correlation 1).
        answered: How many of them were answered.
        suppressed: Why there is no value.
    """

    value: float | None
    ci: tuple[float, float] | None
    n: int
    n_eff: float
    answered: int
    suppressed: NoRate


def response_rate(invited: Invited) -> ResponseRate:
    """The rate that follows from sums.

    >>> rate = response_rate(Invited(invitations=100, answered=20, squares=100, answers=50))
    >>> rate.value, [round(end, 1) for end in rate.ci], rate.n_eff
    (20.0, [13.3, 28.9], 100.0)
    >>> response_rate(Invited(invitations=100, nameless=100, answers=120)).suppressed
    'more_answers_than_invitations'
    """
    if invited.basis == "counts":
        n, n_eff, answered = invited.invitations, float(invited.invitations), invited.answers
    else:
        n, answered = invited.invitations - invited.nameless, invited.answered
        n_eff = n * n / invited.squares if invited.squares else 0.0
    reason = _reason(invited, n, n_eff, answered)
    if reason:
        return ResponseRate(None, None, n, n_eff, answered, reason)
    low, high = wilson(answered / n, n_eff)
    return ResponseRate(100 * answered / n, (max(0.0, 100 * low), min(100.0, 100 * high)), n, n_eff, answered, "")


def _reason(invited: Invited, n: int, n_eff: float, answered: int) -> NoRate:
    if not invited.invitations:
        return "too_recent"
    if answered > n:
        return "more_answers_than_invitations"
    return TOO_FEW if is_too_few(n_eff) else ""
