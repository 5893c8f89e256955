"""Perceived against declared owners: who people think owns a touchpoint, and who the registry says owns it."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import fsum, sqrt
from typing import TypeVar

from metrics.events.governance_fields import DONT_KNOW, NOBODY
from metrics.figures.intervals import Z
from metrics.governance.dispersion import shares
from metrics.governance.estimates import NO_ESTIMATE, Estimate, share

__all__ = [
    "DONT_KNOW",
    "NOBODY",
    "Answers",
    "Perception",
    "kappa",
    "kappa_of_roles",
    "perception_of",
    "total_variation",
]

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Answers:
    """Equal answers to "who owns this touchpoint?".

    Attributes:
        touchpoint: The touchpoint in question.
        facet: The facet in question; "" for the whole touchpoint.
        role: The respondents' role.
        answer: A department's id, NOBODY or DONT_KNOW.
        n: The number of such answers, >= 1.
    """

    touchpoint: str
    facet: str
    role: str
    answer: str
    n: int = 1


@dataclass(frozen=True, slots=True)
class Perception:
    """A group of answers compared with the registry.

    Attributes:
        answers: The number of answers for each department; without "don't know".
        distance: Total variation between the answers and the declared shares, 0..1.
        agreement: Share of answers that name the declared owner, 0..1.
        dont_know: Share of "don't know" among all answers, 0..1.
    """

    answers: Mapping[str, int]
    distance: Estimate
    agreement: Estimate
    dont_know: Estimate


def total_variation(one: Mapping[Key, float], other: Mapping[Key, float]) -> float:
    """1/2 * sum |p - d| of two distributions given as weights, 0..1: the share that would have to move.

    >>> total_variation({"it": 1}, {"it": 3, "sales": 1})
    0.25
    """
    p, d = shares(one), shares(other)
    return min(1.0, fsum(abs(p.get(key, 0.0) - d.get(key, 0.0)) for key in p.keys() | d.keys()) / 2)


def perception_of(answers: Iterable[Answers], owner: str, declared: Mapping[str, float]) -> Perception:
    """Compares answers about one touchpoint and facet with the registry.

    Args:
        answers: The answers of the roles in question.
        owner: The accountable department; NOBODY if there is none.
        declared: The departments' shares of the work, including the owner's; {NOBODY: 1} if there are none.

    >>> asked = [Answers("web", "", "sales", "it", 6), Answers("web", "", "sales", "sales", 2)]
    >>> found = perception_of([*asked, Answers("web", "", "sales", DONT_KNOW, 2)], "it", {"it": 1})
    >>> found.distance.value, found.agreement.value, found.dont_know.value
    (0.25, 0.75, 0.2)
    """
    counts: Counter[str] = Counter()
    for group in answers:
        counts[group.answer] += group.n
    total = counts.total()
    silent = counts.pop(DONT_KNOW, 0)
    named = counts.total()
    distance = Estimate(total_variation(counts, declared), None, named, float(named)) if named else NO_ESTIMATE
    return Perception(dict(counts), distance, share(counts[owner], named), share(silent, total))


def kappa(pairs: Mapping[tuple[str, str], int]) -> Estimate:
    """Cohen's kappa of two raters (Cohen 1960), -1..1, with its large-sample interval.

    Args:
        pairs: The number of subjects by the answers of the first and of the second rater.

    >>> estimate = kappa({("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15})
    >>> round(estimate.value, 12), estimate.n
    (0.4, 50)
    """
    n = sum(pairs.values())
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for (a, b), times in pairs.items():
        first[a] += times
        second[b] += times
    if not n:
        return NO_ESTIMATE
    agreement = sum(times for (a, b), times in pairs.items() if a == b) / n
    chance = sum(first[key] * second[key] for key in first) / n**2
    return _kappa(agreement, chance, n)


def kappa_of_roles(answers: Iterable[Answers], one: str, other: str) -> Estimate:
    """Whether two roles name the same owners beyond chance: kappa of two groups of raters (Vanbelle, Albert 2009).

    Over each (touchpoint, facet) that both roles answered, with equal weights: the probability that a random respondent
    of either role names the same owner. "Don't know" is left out. With one respondent in each role it is Cohen's kappa.

    >>> said = [Answers("a", "", "it", "x"), Answers("b", "", "it", "y")]
    >>> kappa_of_roles([*said, Answers("a", "", "hr", "x"), Answers("b", "", "hr", "y")], "it", "hr").value
    1.0
    """
    by_role: dict[str, dict[tuple[str, str], Counter[str]]] = {one: {}, other: {}}
    for answer in answers:
        if answer.role in by_role and answer.answer != DONT_KNOW:
            by_role[answer.role].setdefault((answer.touchpoint, answer.facet), Counter())[answer.answer] += answer.n
    subjects = sorted(by_role[one].keys() & by_role[other].keys())
    if not subjects:
        return NO_ESTIMATE
    rows = [(shares(by_role[one][subject]), shares(by_role[other][subject])) for subject in subjects]
    n = len(rows)
    agreement = fsum(p[key] * q.get(key, 0.0) for p, q in rows for key in p) / n
    names = {key for p, _ in rows for key in p}
    chance = fsum(fsum(p.get(key, 0.0) for p, _ in rows) * fsum(q.get(key, 0.0) for _, q in rows) for key in names)
    return _kappa(agreement, chance / n**2, n)


def _kappa(agreement: float, chance: float, n: int) -> Estimate:
    if chance >= 1:
        return Estimate(None, None, n, float(n))
    value = (agreement - chance) / (1 - chance)
    half = Z * sqrt(max(0.0, agreement * (1 - agreement)) / n) / (1 - chance)
    return Estimate(value, (max(-1.0, value - half), min(1.0, value + half)), n, float(n))
