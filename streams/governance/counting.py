"""What the assessment of governance needs, counted in the store: the work is done there, and sums come back.

Who owned what is not stored with facts. What rules can tell apart is read first, attributed here, and handed back
as lists of numbers, so that each pass over the facts knows the owner of each, under any registry.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from metrics.catalogue import KINDS, METRICS
from metrics.figures.balances import View
from metrics.governance.cases import Case
from metrics.governance.counted import Counted, GovernanceFigure, Scores
from metrics.governance.credit import TIME_DECAY_HALF_LIFE_S
from metrics.governance.estimates import Moments
from metrics.governance.measures import UNITS, WITHOUT_INTERVAL
from metrics.governance.perception import Answers
from metrics.governance.spend import Promoters, Spend
from metrics.registry import COMPANY, UNOWNED
from streams.errors import ConfigurationError
from streams.figures import snapshot
from streams.figures.names import Numbered, numbering, shown_of_facts
from streams.figures.ownership import OwnersInView, fact_owners, owners_in_view
from streams.governance import rows
from streams.governance.journeys import OWNERS, TICKS, TOUCHPOINTS, customers_apart, journeys
from streams.governance.rows import CombinationRow, FactRow, PromoterRow, ScoreDay
from streams.registry.file import CompiledRegistry
from streams.runtime.lazy import lazy
from streams.store.client import Store
from streams.store.statements import Fragment, numbers

if TYPE_CHECKING:
    from metrics.governance.assessment import assess
else:
    # Loads numpy: a quarter of a second that the start of a worker does not wait for.
    assess = lazy("metrics.governance.assessment:assess")

MOST_PATHS: Final = 20_000
"""The most frequent ones; the rest, each seen once or twice, are left out of credit."""


@dataclass(frozen=True, slots=True)
class Question:
    """A period, and how its events are attributed.

    Attributes:
        since: Start of the period, inclusive, aware.
        at: Its end, exclusive, aware; also the instant of the owners in the view as_is.
        view: as_was or as_is.
        conversion: The kind of event that credit is given for: conversion, repeat_purchase or referral.
    """

    since: datetime
    at: datetime
    view: View = "as_was"
    conversion: str = "conversion"


class _Lookup(NamedTuple):
    """What statements look owners up in, as lists of numbers.

    Attributes:
        keys: What rules can tell apart.
        owners: By key the owner's number.
        places: The same with the touchpoint's number above it.
        numbered: What touchpoints count as.
        fact_owner: The number of a fact's owner.
    """

    keys: Fragment
    owners: Fragment
    places: Fragment
    numbered: Numbered
    fact_owner: Fragment


def compute(store: Store, compiled: CompiledRegistry, question: Question) -> tuple[GovernanceFigure, ...]:
    """All figures of governance of a period under a registry."""
    return assessed(compiled, count(store, compiled, question), question)


def assessed(compiled: CompiledRegistry, counted: Counted, question: Question) -> tuple[GovernanceFigure, ...]:
    """All figures of governance, of what has been counted."""
    return assess(compiled.registry, counted, int(question.since.timestamp()), int(question.at.timestamp()))


def count(store: Store, compiled: CompiledRegistry, question: Question) -> Counted:
    """Counts what the assessment needs, in passes over the facts of the period, none of which brings facts here."""
    parameters = combination_parameters([compiled], question) | {
        "middle": (question.since.timestamp() + question.at.timestamp()) / 2,
        "conversion": question.conversion,
        "paths": MOST_PATHS,
        "half_life_ms": TIME_DECAY_HALF_LIFE_S * 1000,
        "tick": ceil((question.at - question.since) / timedelta(milliseconds=TICKS)),
    }
    # Alarms and levels are of metrics: they are there without a fact of the period.
    alarms = {row.metric: row.n for row in store.fetch(rows.ALARMS, parameters)}
    levels = _levels(store, compiled, question)
    apart = distinguished([compiled], store, question)
    [version] = versions_in_view([compiled], question)
    fact_owner = fact_owners([version])
    combinations = store.fetch(rows.COMBINATIONS, parameters, place=apart.place, fact_owners=fact_owner)
    if not combinations:
        return Counted(alarms=alarms, levels=levels)
    owners = [version.called(row.owners[0]) for row in combinations]
    names = [UNOWNED, *sorted(department.id for department in compiled.registry.departments)]
    if len(names) > OWNERS:
        raise ConfigurationError(
            f"the registry declares {len(names) - 1} departments and teams, and governance tells {OWNERS - 1} "
            "apart: put some together in the registry, or in one for --what-if"
        )
    lookup = _lookup(combinations, [names.index(owner) for owner in owners], apart, fact_owner)
    owned, slices = _events(combinations, owners, apart.names.places)
    counted = _counted(store, parameters, lookup, names)
    return replace(counted, owned=owned, slices=slices, alarms=alarms, levels=levels)


def _counted(store: Store, parameters: Mapping[str, Any], lookup: _Lookup, names: list[str]) -> Counted:
    """What the statements count that know the owner of each fact; `names` are the departments by their number."""
    place, called = lookup.numbered.place, lookup.numbered.names.places
    by_owner = {"keys": lookup.keys, "owners": lookup.owners, "place": place, "fact_owners": lookup.fact_owner}
    days = store.fetch(rows.SCORE_DAYS, parameters, place=place)
    by_place = {"keys": lookup.keys, "places": lookup.places, "place": place, "fact_owners": lookup.fact_owner}
    apart = customers_apart(sum(row.n for row in days))
    counts = journeys(store.fetch(rows.JOURNEYS, {**parameters, "customers": apart}, **by_place), names)
    facts: defaultdict[str, list[FactRow]] = defaultdict(list)
    for row in store.fetch(rows.FACTS, parameters, **by_owner):
        facts[row.what].append(row)
    # Who is a promoter matters only next to what it cost.
    promoters = store.fetch(rows.PROMOTERS, parameters, **by_owner) if facts["spend"] else []
    return Counted(
        transitions=counts.transitions,
        paths=counts.paths,
        decayed=counts.decayed,
        departments=counts.departments,
        changes=counts.changes,
        answers=_answers(facts["ownership_answer"], called),
        success=_success(facts["success_answer"]),
        spends=tuple(
            Spend(names[row.owner], called[row.place], row.category, row.currency, row.total_amount, row.n)
            for row in facts["spend"]
        ),
        promoters=_promoters(promoters, names, called),
        cases=tuple(_case(row, names, called) for row in facts["case"]),
        scores=_scores(days, called),
        days=_days(days, called),
    )


def _lookup(
    combinations: Sequence[CombinationRow], owners: Sequence[int], apart: Numbered, fact_owner: Fragment
) -> _Lookup:
    # By name, as departments are: steps of one instant come in this order, here and in the dashboard's statement.
    by_name = sorted({row.place for row in combinations}, key=lambda place: apart.names.places[place])
    touchpoints = {place: n for n, place in enumerate(by_name)}
    # With more touchpoints than there is room for, some share a number: answers at them then count as answers at one.
    places = (
        touchpoints[row.place] % TOUCHPOINTS * OWNERS + owner for row, owner in zip(combinations, owners, strict=True)
    )
    return _Lookup(numbers(row.key for row in combinations), numbers(owners), numbers(places), apart, fact_owner)


def distinguished(versions: Sequence[CompiledRegistry], store: Store, question: Question) -> Numbered:
    """What touchpoints of a period count as: what any of some registries names, and the most frequent others."""
    names = versions[0].names
    for compiled in versions[1:]:
        names = names.joined(compiled.names)
    return numbering(shown_of_facts(store, names, question.since.timestamp(), question.at.timestamp()))


def combination_parameters(versions: Sequence[CompiledRegistry], question: Question) -> dict[str, Any]:
    """What COMBINATIONS needs to tell apart whatever the rules of any of some registries can."""
    ownerships = [rule for compiled in versions for rule in compiled.registry.ownerships]
    kinds = sorted({rule.kind for rule in ownerships if rule.kind})
    return {
        "since": question.since.timestamp(),
        "until": question.at.timestamp(),
        "segments": sorted({rule.segment for rule in ownerships if rule.segment}),
        "regions": sorted({rule.region for rule in ownerships if rule.region}),
        "kinds": kinds,
        # As the table of events numbers them.
        "kind_numbers": [KINDS.index(kind) + 1 for kind in kinds],
    }


def versions_in_view(versions: Sequence[CompiledRegistry], question: Question) -> list[OwnersInView]:
    """Who owns what under each of some registries, in the view of a question."""
    at_s = question.at.timestamp()
    return [
        owners_in_view(compiled.attribution, question.view, at_s, number)
        for number, compiled in enumerate(versions, start=1)
    ]


def _levels(store: Store, compiled: CompiledRegistry, question: Question) -> dict[str, float]:
    """The company's metrics, each on the horizon of its term; computed only where programmes may clash."""
    metrics = [program.metric for program in compiled.registry.programmes]
    if len(metrics) == len(set(metrics)):
        return {}
    balances = snapshot.compute(store, compiled, question.at, [question.view]).balances[question.view]
    return {
        row.metric: row.value
        for row in balances
        if row.department == COMPANY and row.horizon == METRICS[row.metric].term and row.value is not None
    }


def _events(
    combinations: Sequence[CombinationRow], owners: Sequence[str], called: Sequence[str]
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str, str, str], int]]:
    owned: Counter[tuple[str, str]] = Counter()
    slices: Counter[tuple[str, str, str, str]] = Counter()
    for row, owner in zip(combinations, owners, strict=True):
        if row.n:
            owned[called[row.place], owner] += row.n
            slices[called[row.place], row.known_segment, row.known_region, row.known_kind] += row.n
    return dict(owned), dict(slices)


def _promoters(promoters: Sequence[PromoterRow], names: Sequence[str], called: Sequence[str]) -> dict[str, Promoters]:
    return {
        f"department {names[row.owner]}" if row.is_department else called[row.place]: Promoters(
            (row.early_promoters, row.early), (row.late_promoters, row.late), row.customers
        )
        for row in promoters
    }


def _case(row: FactRow, names: Sequence[str], called: Sequence[str]) -> Case:
    opener = names[row.opener]
    if row.closed_s < row.opened_s:
        return Case(opener, row.opened_s, touchpoint=called[row.opened_at])
    return Case(opener, row.opened_s, row.closed_s, row.is_resolved, row.is_confirmed, called[row.opened_at])


def _answers(facts: Iterable[FactRow], called: Sequence[str]) -> tuple[Answers, ...]:
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for row in facts:
        counts[called[row.place], row.facet, row.role, row.answer] += row.n
    return tuple(Answers(*answer, n) for answer, n in counts.items())


def _success(facts: Iterable[FactRow]) -> dict[str, dict[float, int]]:
    counts: defaultdict[str, Counter[float]] = defaultdict(Counter)
    for row in facts:
        if row.value is not None:  # an answer about success has one
            counts[row.metric][row.value] += row.n
    return {metric: dict(values) for metric, values in counts.items()}


def _scores(days: Iterable[ScoreDay], called: Sequence[str]) -> dict[str, Scores]:
    scores: dict[str, Scores] = {}
    for row in days:
        scored, bad = scores.get(called[row.place], Scores(0, 0))
        scores[called[row.place]] = Scores(scored + row.n, bad + row.bad)
    return scores


def _days(days: Iterable[ScoreDay], called: Sequence[str]) -> dict[str, dict[int, Moments]]:
    moments: dict[str, dict[int, Moments]] = {}
    for row in days:
        moments.setdefault(called[row.place], {})[row.day] = Moments(row.n, row.total, row.squares)
    return moments


def as_rows(figures: tuple[GovernanceFigure, ...]) -> list[dict[str, Any]]:
    """Figures as JSON has them."""
    answer = []
    for figure in figures:
        low, high = figure.estimate.ci or (None, None)
        answer.append(
            {
                "measure": figure.measure,
                "subject": figure.subject,
                "unit": UNITS[figure.measure],
                "value": figure.estimate.value,
                "ci_low": low,
                "ci_high": high,
                "n": figure.estimate.n,
                "n_eff": figure.estimate.n_eff,
                "uncertain": figure.estimate.is_uncertain
                and (figure.estimate.ci is not None or figure.measure in WITHOUT_INTERVAL),
                "reason": figure.reason,
                "week": figure.week,
            }
        )
    return answer
