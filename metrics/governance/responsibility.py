"""From the registry to lines of responsibility: who answers for each slice of each touchpoint at an instant."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations_with_replacement
from typing import Final, NamedTuple

from metrics.catalogue import FACETS, KINDS
from metrics.governance.credit import credit_of_event
from metrics.governance.lines import Line
from metrics.registry import Department, Ownership, Registry
from metrics.registry.attribution import Attribution, by_facet
from metrics.registry.claims import patterns_of, rules_by_pattern, rules_of, valid_at

Slice = tuple[str, str, str]
"""Segment, region and kind; "" stands for all values that no rule of the touchpoint names."""

_EXPERIENCE: Final = re.compile(
    r"\b(cx|ux|customer experience|esperienza (del )?cliente|experiencia (del? )?cliente|customer success)\b"
)
_SERVICE: Final = re.compile(
    r"\b(customer (service|care|support)|service|support|care|servizio|assistenza|servicio|atención)\b"
)


class Policy(NamedTuple):
    """The company's policy for a touchpoint; `limit` is the greatest number of effective owners, None for no limit."""

    name: str
    limit: float | None


class Division:
    """How a company divides the work at its touchpoints, to be asked for one rule after the other."""

    def __init__(self, registry: Registry) -> None:
        """Takes the company's policies and teams."""
        self._of_company = Policy(registry.policy, registry.max_effective_owners)
        self._of_pattern = {of.touchpoint: Policy(of.policy, of.max_effective_owners) for of in registry.policies}
        self._members = {item.id: item.members for item in registry.departments if item.members}

    def policy(self, touchpoint: str) -> Policy:
        """The policy for a touchpoint, or for a pattern: the most specific one, else the company's."""
        if self._of_pattern:
            for pattern in patterns_of(touchpoint):
                if pattern in self._of_pattern:
                    return self._of_pattern[pattern]
        return self._of_company

    def shares(self, rule: Ownership, policy: str) -> dict[str, float]:
        """The departments' shares of the work under a rule, in sum 1.

        Under the policy `team` a team is one owner. Under the others its members are: the team consists of them.
        """
        shares: defaultdict[str, float] = defaultdict(float)
        for name, part in credit_of_event(rule.owner, rule.contributors).items():
            holders = {name: 1.0} if policy == "team" else self._members.get(name, {name: 1.0})
            for holder, of_it in holders.items():
                shares[holder] += part * of_it
        return dict(shares)


def lines_at(
    registry: Registry, at_s: int, events: Mapping[tuple[str, str, str, str], int] | None = None
) -> tuple[Line, ...]:
    """Who answers for what at an instant.

    Args:
        registry: The company's registry.
        at_s: The instant, epoch seconds.
        events: The number of events by touchpoint, segment, region and kind; None for no events.

    Returns:
        For each touchpoint that is declared or occurs in `events`, a line for each slice that its rules distinguish;
        and one for each facet, if a rule of the touchpoint names one. Events count once: with the whole touchpoint, or
        with its first facet.
    """
    attribution_of, division = by_facet(registry), Division(registry)
    events_by_touchpoint: defaultdict[str, dict[Slice, int]] = defaultdict(dict)
    for (touchpoint, *labels), n in (events or {}).items():
        events_by_touchpoint[touchpoint][labels[0], labels[1], labels[2]] = n
    by_pattern = rules_by_pattern(registry.ownerships)
    lines: list[Line] = []
    for touchpoint in dict.fromkeys(
        (*(event_slice.id for event_slice in registry.touchpoints), *sorted(events_by_touchpoint))
    ):
        rules = rules_of(touchpoint, by_pattern)
        counts = _slices(rules, events_by_touchpoint[touchpoint])
        split = any(rule.facet for rule in rules)
        for number, facet in enumerate(FACETS if split else ("",)):
            attribution = attribution_of(facet)
            for event_slice, n in counts.items():
                lines.append(_line(division, attribution, touchpoint, facet, event_slice, 0 if number else n, at_s))
    return tuple(lines)


def _line(
    division: Division, attribution: Attribution, touchpoint: str, facet: str, labels: Slice, events: int, at_s: int
) -> Line:
    segment, region, kind = labels
    claims = valid_at(attribution.claims(touchpoint, segment, region, kind), at_s)
    best = [claim.rule for claim in claims if claim.rank == claims[0].rank]
    policy = division.policy(touchpoint)
    return Line(
        touchpoint=touchpoint,
        facet=facet,
        slice=labels,
        accountable=tuple(dict.fromkeys(rule.owner for rule in best)),
        shares=division.shares(best[0], policy.name) if best else {},
        limit=float("inf") if policy.limit is None else policy.limit,
        events=events,
    )


def _slices(rules: Iterable[Ownership], events: Mapping[Slice, int]) -> dict[Slice, int]:
    """The slices that rules distinguish, with the events of each; values that no rule names are left out of a slice."""
    kept = tuple(rules)
    segments = {rule.segment for rule in kept if rule.segment}
    regions = {rule.region for rule in kept if rule.region}
    kinds = {rule.kind for rule in kept if rule.kind}
    # Two rules may overlap in a slice that neither names alone: there they can tie.
    filters = [(rule.segment, rule.region, rule.kind) for rule in kept]
    slices = {
        (a[0] or b[0] or "", a[1] or b[1] or "", a[2] or b[2] or "")
        for a, b in combinations_with_replacement(filters, 2)
        if all(x is None or y is None or x == y for x, y in zip(a, b, strict=True))
    }
    # If rules name every kind, no event has another one.
    counts = dict.fromkeys(sorted(slices | {("", "", "")} if len(kinds) < len(KINDS) else slices), 0)
    for (segment, region, kind), n in events.items():
        labels = (
            segment if segment in segments else "",
            region if region in regions else "",
            kind if kind in kinds else "",
        )
        counts[labels] = counts.get(labels, 0) + n
    return counts


def experience_departments(departments: Iterable[Department]) -> frozenset[str]:
    """The departments for customer experience, recognised by id or name in three languages.

    >>> it = Department("it", "IT", "back", None)
    >>> sorted(experience_departments([it, Department("cx", "Customer Experience", "front", None)]))
    ['cx']
    """
    return frozenset(department.id for department in departments if _EXPERIENCE.search(_words(department)))


def service_departments(departments: Iterable[Department]) -> frozenset[str]:
    """The customer service departments, recognised by id or name in three languages.

    >>> sorted(service_departments([Department("care", "Assistenza clienti", "front", None)]))
    ['care']
    """
    kept = tuple(departments)
    return frozenset(
        department.id for department in kept if _SERVICE.search(_words(department))
    ) - experience_departments(kept)


def _words(department: Department) -> str:
    return re.sub(r"[_-]", " ", f"{department.id} {department.name}".lower())


def without_sponsor(registry: Registry, at_s: int) -> tuple[str, ...]:
    """The declared touchpoints without a sponsor, of their rule or of the company, at an instant (epoch seconds)."""
    if registry.sponsor is not None:
        return ()
    attribution = Attribution(registry)
    rules = ((touchpoint.id, attribution.rule(touchpoint.id, "", "", "", at_s)) for touchpoint in registry.touchpoints)
    return tuple(touchpoint for touchpoint, rule in rules if rule is None or rule.sponsor is None)
