"""Checks of the ownership rules against each other: conflicts, overlaps and rules that never decide.

Rules of different patterns never tie. So each pattern is checked alone, for an invented touchpoint that only this
pattern and wider ones match, and for the simplest events that two of its rules share: what beats both there, beats
them for every event that both match. So nothing is missed, and nothing impossible is reported.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations_with_replacement

from metrics.catalogue import KINDS
from metrics.registry import Code, Ownership, Problem, Registry, Severity
from metrics.registry.attribution import Attribution
from metrics.registry.claims import CompiledRule, starts_of_pieces, valid_at

EventLabels = tuple[str, str, str]
"""Segment, region and kind."""


def rule_problems(registry: Registry) -> Iterator[Problem]:
    """Yields one problem for each pair of rules that compete, and for each rule that decides nothing."""
    facets = dict.fromkeys(rule.facet for rule in registry.ownerships if rule.facet)
    for facet in (None, *facets):
        attribution = Attribution(registry, facet=facet)
        groups: defaultdict[str, list[Ownership]] = defaultdict(list)
        for rule in registry.ownerships:
            if rule.facet in (None, facet):
                groups[rule.touchpoint].append(rule)
        for pattern, rules in groups.items():
            yield from _Group(pattern, rules, attribution, facet).problems()


class _Group:
    """The rules of one pattern, and the results of comparing them for every event that matters."""

    def __init__(self, pattern: str, rules: list[Ownership], attribution: Attribution, facet: str | None) -> None:
        self._rules = rules
        self._facet = facet
        self._winners: set[int] = set()
        self._conflicts: dict[tuple[int, int], Problem] = {}
        self._overlaps: dict[tuple[int, int], Problem] = {}
        # "~" cannot occur in an id: no more specific pattern can match it.
        touchpoint = pattern.removesuffix("*") + "~" if pattern.endswith("*") else pattern
        for event in sorted(_shared_events(rules)):
            own = [claim for claim in attribution.claims(touchpoint, *event) if claim.rule.touchpoint == pattern]
            for start_s in starts_of_pieces(own):
                self._compare(valid_at(own, start_s))

    def problems(self) -> Iterator[Problem]:
        """Yields conflicts, then overlaps, then rules that are never reached and that no conflict explains."""
        yield from self._conflicts.values()
        yield from self._overlaps.values()
        explained = {loser for loser, _ in self._conflicts}
        for rule in self._rules:
            if rule.facet == self._facet and rule.position not in self._winners | explained:
                message = "other rules come before this one for every event that it matches"
                yield _problem("warning", Code.RULE_NEVER_REACHED, rule, message, "remove it or widen it")

    def _compare(self, valid: list[CompiledRule]) -> None:
        if not valid:
            return
        winner, *rest = valid
        self._winners.add(winner.position)
        rivals = [claim for claim in rest if claim.rank[:2] == winner.rank[:2]]
        if self._facet and winner.rule.facet is None:
            # The comparison of whole touchpoints reports these; only a facet's own rule that loses is new here.
            rivals = [claim for claim in rivals if claim.rule.facet]
        for rival in rivals:
            if rival.rank == winner.rank:
                self._conflicts.setdefault((rival.position, winner.position), _conflict(rival.rule, winner.rule))
        older = [claim for claim in rivals if claim.rank != winner.rank][:1]
        for rival in older:
            if rival.rule.owner != winner.rule.owner:
                self._overlaps.setdefault((rival.position, winner.position), _overlap(rival.rule, winner.rule))


def _shared_events(rules: list[Ownership]) -> set[EventLabels]:
    """Returns the simplest events that a rule, or two rules together, match; "" if no filter asks for a value."""
    named = {rule.kind for rule in rules}
    # One kind that no filter names represents all such kinds.
    kinds = [kind for kind in KINDS if kind in named] + [kind for kind in KINDS if kind not in named][:1]
    events: set[EventLabels] = set()
    for a, b in combinations_with_replacement(rules, 2):
        if _agree(a.segment, b.segment) and _agree(a.region, b.region) and _agree(a.kind, b.kind):
            kind = a.kind or b.kind
            segment, region = a.segment or b.segment or "", a.region or b.region or ""
            events.update((segment, region, each) for each in ([kind] if kind else kinds))
    return events


def _agree(a: str | None, b: str | None) -> bool:
    return a is None or b is None or a == b


def _conflict(loser: Ownership, winner: Ownership) -> Problem:
    message = (
        f"ties with {_name(winner)}: same pattern {loser.touchpoint!r}, same number of filters, same from; "
        "only the order in the file decides"
    )
    remedy = "remove one of the two, give them different from, or add a rule with the filters of both"
    return _problem("error", Code.RULE_CONFLICT, loser, message, remedy)


def _overlap(older: Ownership, winner: Ownership) -> Problem:
    message = f"is still in force when {_name(winner)} gives the same events to {winner.owner!r} with its later from"
    remedy = "add a rule with the filters of both, to say who owns what they share"
    if (older.segment, older.region, older.kind) == (winner.segment, winner.region, winner.kind):
        remedy = "if that is a change of owner, end this rule with to at the from of the other"
    return _problem("warning", Code.RULE_OVERLAP, older, message, remedy)


def _problem(severity: Severity, code: Code, rule: Ownership, message: str, remedy: str) -> Problem:
    return Problem(severity, code, f"ownership[{rule.position + 1}]", rule.line, message, remedy)


def _name(rule: Ownership) -> str:
    where = "" if rule.line is None else f" (line {rule.line})"
    return f"ownership[{rule.position + 1}]{where}"
