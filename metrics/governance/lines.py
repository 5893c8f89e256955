"""Lines of responsibility: who answers for what at one instant, compared with the company's declared policy."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from metrics.durations import YEAR_S
from metrics.governance.dispersion import effective_owners
from metrics.governance.estimates import NO_ESTIMATE, Estimate, share

TOLERANCE: Final = 1e-9
"""Effective owners are computed from shares; a limit of 2 must allow two equal ones despite rounding."""


@dataclass(frozen=True, slots=True)
class Line:
    """Who answers for one slice of one touchpoint.

    Attributes:
        touchpoint: Its id.
        facet: The facet; "" if the touchpoint is owned as a whole.
        slice: Segment, region and kind of the events in question; "" stands for any.
        accountable: The owners by the deciding rules: one, none (an orphan), or several that tie.
        shares: The departments' shares of the work, in sum 1; empty for an orphan.
        limit: The number of effective owners that the policy allows, >= 1.
        events: Its number of events in the period, >= 0.
    """

    touchpoint: str
    facet: str = ""
    slice: tuple[str, str, str] = ("", "", "")
    accountable: tuple[str, ...] = ()
    shares: Mapping[str, float] = field(default_factory=dict)
    limit: float = 1.0
    events: int = 0

    @property
    def cooks(self) -> float:
        """Effective owners: 0 for an orphan, 1 for one cook."""
        return effective_owners(self.shares)

    @property
    def is_clear(self) -> bool:
        """Whether exactly one department is accountable, with no more effective owners than the policy allows."""
        return len(self.accountable) == 1 and self.cooks <= self.limit + TOLERANCE


@dataclass(frozen=True, slots=True)
class Clarity:
    """How clear the lines are. Shares of touchpoints and facets describe a whole, not a sample: they have no interval.

    Attributes:
        clear: Share of lines with exactly one accountable department and within the policy, 0..1.
        contested: Lines with two or more accountable departments.
        crowded: Lines with more effective owners than the policy allows.
        orphans: Lines with nobody accountable.
        orphan_events: Share of events that nobody owns, 0..1.
        coordinated: Share of touchpoints with one accountable department among those that several work on, 0..1.
    """

    clear: Estimate
    contested: tuple[Line, ...]
    crowded: tuple[Line, ...]
    orphans: tuple[Line, ...]
    orphan_events: Estimate
    coordinated: Estimate


def clarity(lines: Iterable[Line]) -> Clarity:
    """How clear the lines of responsibility are.

    >>> found = clarity([Line("web", "", ("", "", ""), ("it",), {"it": 1.0}, events=90), Line("fax", events=10)])
    >>> found.clear.value, [line.touchpoint for line in found.orphans], found.orphan_events.value
    (0.5, ['fax'], 0.1)
    """
    kept = tuple(lines)
    orphans = tuple(line for line in kept if not line.accountable)
    return Clarity(
        clear=whole(sum(line.is_clear for line in kept), len(kept)),
        contested=tuple(line for line in kept if len(line.accountable) > 1),
        crowded=tuple(line for line in kept if line.cooks > line.limit + TOLERANCE),
        orphans=orphans,
        orphan_events=share(sum(line.events for line in orphans), sum(line.events for line in kept)),
        coordinated=_coordinated(kept),
    )


def whole(part: int, of: int) -> Estimate:
    """A share of a whole, 0..1: it has no interval.

    >>> whole(1, 4).value, whole(0, 0) == NO_ESTIMATE
    (0.25, True)
    """
    return Estimate(part / of, None, of, float(of)) if of else NO_ESTIMATE


def _coordinated(lines: Collection[Line]) -> Estimate:
    workers: defaultdict[str, set[str]] = defaultdict(set)
    accountable: defaultdict[str, set[str]] = defaultdict(set)
    for line in lines:
        workers[line.touchpoint].update(line.shares)
        accountable[line.touchpoint].update(line.accountable)
    several = [touchpoint for touchpoint, names in workers.items() if len(names) > 1]
    return whole(sum(len(accountable[touchpoint]) == 1 for touchpoint in several), len(several))


def without_responsibility(departments: Iterable[str], lines: Iterable[Line]) -> tuple[str, ...]:
    """The departments that answer for nothing and work on nothing: "not mine".

    >>> without_responsibility(["it", "hr"], [Line("web", "", ("", "", ""), ("it",), {"it": 1.0})])
    ('hr',)
    """
    busy: set[str] = set()
    for line in lines:
        busy.update(line.accountable, line.shares)
    return tuple(name for name in departments if name not in busy)


def owned_touchpoints(lines: Iterable[Line]) -> dict[str, float]:
    """The number of touchpoints for which each department answers; one that is owned in parts counts in parts.

    >>> halves = [Line("web", "voice", accountable=("it",)), Line("web", "delivery", accountable=("hr",))]
    >>> owned_touchpoints([*halves, Line("shop", accountable=("hr",))])
    {'it': 0.5, 'hr': 1.5}
    """
    by_touchpoint: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for line in lines:
        by_touchpoint[line.touchpoint].append(line.accountable)
    owned: defaultdict[str, float] = defaultdict(float)
    for parts in by_touchpoint.values():
        for names in parts:
            for name in names:
                owned[name] += 1 / len(parts) / len(names)
    return dict(owned)


def new_silo(owned: Mapping[str, float], experience: Collection[str], service: Collection[str]) -> str | None:
    """A department for customer experience that has taken it over from the departments that meet the customers.

    Args:
        owned: The number of touchpoints for which each department answers.
        experience: The departments named after the customers' experience.
        service: The customer service departments.

    Returns:
        The department that owns more than half of the touchpoints while customer service owns none; else None.

    >>> new_silo({"cx": 8, "sales": 2}, {"cx"}, {"care"}), new_silo({"cx": 8, "care": 2}, {"cx"}, {"care"})
    ('cx', None)
    """
    if any(owned.get(name, 0) > 0 for name in service):
        return None
    half = sum(owned.values()) / 2
    return next((name for name in sorted(experience) if owned.get(name, 0) > half), None)


def churn(owners: Iterable[Sequence[tuple[int, str]]], since_s: int, until_s: int) -> Estimate:
    """Changes of owner per touchpoint and year, >= 0.

    Args:
        owners: For each touchpoint its owners, each with the epoch second from which it owned, ascending.
        since_s: Start of the period, epoch seconds; a change at the start is not in it.
        until_s: End of the period, inclusive; later than its start.

    >>> round(churn([[(0, "it"), (86_400, "hr")], [(0, "it")]], 0, 365 * 86_400 + 21_600).value, 12)
    0.5
    """
    kept = [list(history) for history in owners]
    changes = sum(
        since_s < at_s <= until_s and name != before
        for history in kept
        for (_, before), (at_s, name) in pairwise(history)
    )
    if not kept:
        return NO_ESTIMATE
    return Estimate(changes / len(kept) * YEAR_S / (until_s - since_s), None, len(kept), float(len(kept)))


@dataclass(frozen=True, slots=True)
class RunningProgramme:
    """An initiative: which department wants to move which metric where, and to what.

    Attributes:
        name: The programme's name.
        owner: The department that owns it.
        touchpoints: Its touchpoints.
        metric: The metric that it is to move.
        target: The value to reach, in the metric's unit.
        base: The metric's present value; None if it has no figure.
    """

    name: str
    owner: str
    touchpoints: frozenset[str]
    metric: str
    target: float
    base: float | None = None


@dataclass(frozen=True, slots=True)
class Redundancy:
    """Two programmes for the same metric and touchpoints.

    Attributes:
        one: Name of the first, in order of the file.
        other: Name of the second.
        touchpoints: The touchpoints of both.
        opposed: Whether one is to raise the metric and the other to lower it.
    """

    one: str
    other: str
    touchpoints: tuple[str, ...]
    opposed: bool


def redundancies(programmes: Sequence[RunningProgramme]) -> tuple[Redundancy, ...]:
    """Pairs of programmes with the same metric and a touchpoint in common, of different owners or opposed targets.

    >>> one = RunningProgramme("a", "it", frozenset({"web"}), "nps", 50, base=40)
    >>> redundancies([one, RunningProgramme("b", "hr", frozenset({"web", "shop"}), "nps", 30, base=40)])
    (Redundancy(one='a', other='b', touchpoints=('web',), opposed=True),)
    """
    pairs = []
    for i, one in enumerate(programmes):
        for other in programmes[i + 1 :]:
            common = one.touchpoints & other.touchpoints
            opposed = _direction(one) * _direction(other) < 0
            if common and one.metric == other.metric and (opposed or one.owner != other.owner):
                pairs.append(Redundancy(one.name, other.name, tuple(sorted(common)), opposed))
    return tuple(pairs)


def _direction(programme: RunningProgramme) -> float:
    return 0.0 if programme.base is None else programme.target - programme.base


def completeness(filled: Mapping[str, Sequence[bool]]) -> dict[str, Estimate]:
    """Share of the registry that is filled in, 0..1, by part.

    >>> {part: one.value for part, one in completeness({"receivers": [True, False]}).items()}
    {'receivers': 0.5}
    """
    return {part: whole(Counter(flags)[True], len(flags)) for part, flags in filled.items()}
