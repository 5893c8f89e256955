"""What the assessment of governance needs, counted in the store: the work is done there, and sums come back.

Who owned what is not stored with facts. What rules can tell apart is read first, attributed here, and handed back
as lists of numbers, so that each pass over the facts knows the owner of each, under any registry.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from metrics.catalogue import KINDS, METRICS
from metrics.figures.balances import View
from metrics.governance.counted import Counted, GovernanceFigure
from metrics.governance.credit import TIME_DECAY_HALF_LIFE_S
from metrics.governance.measures import UNITS, WITHOUT_INTERVAL
from metrics.registry import COMPANY, UNOWNED
from streams.errors import ConfigurationError
from streams.figures import snapshot
from streams.figures.names import Numbered, numbering, shown_of_facts
from streams.figures.ownership import OwnersInView, fact_owners, owners_in_view
from streams.governance import rows, sums
from streams.governance.journeys import OWNERS, TICKS, TOUCHPOINTS, customers_apart, journeys
from streams.governance.rows import CombinationRow, FactRow, HandOffCount
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
    """Events of a period by their owners, and what statements look owners up in, as lists of numbers.

    Attributes:
        parameters: Of statements about the facts of the period.
        names: The departments by their number.
        owned: Events by touchpoint and owner.
        slices: Events by touchpoint, segment, region and kind.
        keys: What rules can tell apart.
        owners: By key the owner's number.
        places: The same with the touchpoint's number above it.
        numbered: What touchpoints count as.
        fact_owner: The number of a fact's owner.
    """

    parameters: Mapping[str, Any]
    names: Sequence[str]
    owned: Mapping[tuple[str, str], int]
    slices: Mapping[tuple[str, str, str, str], int]
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
    # Alarms and levels are of metrics: they are there without a fact of the period.
    levels = _levels(store, compiled, question)
    found = _looked_up(store, compiled, question)
    counted = _of_facts(store, question, found)
    if found is None:
        return replace(counted, levels=levels)
    fragments = {"place": found.numbered.place, "fact_owners": found.fact_owner, "keys": found.keys}
    parameters, called = _parameters(question, found), found.numbered.names.places
    days = store.fetch(rows.SCORE_DAYS, parameters, place=found.numbered.place)
    parameters["customers"] = customers_apart(sum(row.n for row in days))
    counts = journeys(store.fetch(rows.JOURNEYS, parameters, **fragments, places=found.places), found.names)
    # Who is a promoter matters only next to what it cost.
    promoters = store.fetch(rows.PROMOTERS, parameters, **fragments, owners=found.owners) if counted.spends else []
    return replace(
        counted,
        levels=levels,
        transitions=counts.transitions,
        paths=counts.paths,
        decayed=counts.decayed,
        departments=counts.departments,
        changes=counts.changes,
        promoters=sums.promoters_by_subject(promoters, found.names, called),
        scores=sums.scores_by_place(days, called),
        days=sums.days_by_place(days, called),
    )


def count_followed(store: Store, compiled: CompiledRegistry, question: Question) -> tuple[Counted, HandOffCount]:
    """Of the same what is followed over time, and hand-offs: no row by customer, by path or by pair comes here."""
    found = _looked_up(store, compiled, question)
    counted = _of_facts(store, question, found)
    if found is None:
        return counted, HandOffCount(0, 0)
    fragments = {"place": found.numbered.place, "fact_owners": found.fact_owner, "keys": found.keys}
    return counted, store.fetch_one(rows.HAND_OFFS, _parameters(question, found), **fragments, places=found.places)


def count_attention(store: Store, compiled: CompiledRegistry, question: Question) -> Counted:
    """Of the same what shows where attention goes."""
    return _of_facts(store, question, _looked_up(store, compiled, question))


def _parameters(question: Question, found: _Lookup) -> dict[str, Any]:
    return {
        **found.parameters,
        "middle": (question.since.timestamp() + question.at.timestamp()) / 2,
        "conversion": question.conversion,
        "paths": MOST_PATHS,
        "half_life_ms": TIME_DECAY_HALF_LIFE_S * 1000,
        "tick": ceil((question.at - question.since) / timedelta(milliseconds=TICKS)),
    }


def _of_facts(store: Store, question: Question, found: _Lookup | None) -> Counted:
    """What follows from events by their owners, from facts about governance, and from alarms."""
    span = {"since": question.since.timestamp(), "until": question.at.timestamp()}
    alarms = {row.metric: row.n for row in store.fetch(rows.ALARMS, span)}
    if found is None:
        return Counted(alarms=alarms)
    called = found.numbered.names.places
    facts: defaultdict[str, list[FactRow]] = defaultdict(list)
    for row in store.fetch(
        rows.FACTS, found.parameters, keys=found.keys, owners=found.owners, place=found.numbered.place,
        fact_owners=found.fact_owner,
    ):  # fmt: skip
        facts[row.what].append(row)
    return Counted(
        owned=found.owned,
        slices=found.slices,
        alarms=alarms,
        answers=sums.answers_counted(facts["ownership_answer"], called),
        success=sums.success_counted(facts["success_answer"]),
        spends=sums.spends_of(facts["spend"], found.names, called),
        cases=tuple(sums.case_of(row, found.names, called) for row in facts["case"]),
    )


def _looked_up(store: Store, compiled: CompiledRegistry, question: Question) -> _Lookup | None:
    """Who owns what rules can tell apart; None without an event in the period."""
    parameters = combination_parameters([compiled], question)
    apart = distinguished([compiled], store, question)
    [version] = versions_in_view([compiled], question)
    fact_owner = fact_owners([version])
    combinations = store.fetch(rows.COMBINATIONS, parameters, place=apart.place, fact_owners=fact_owner)
    if not combinations:
        return None
    owners = [version.called(row.owners[0]) for row in combinations]
    names = [UNOWNED, *sorted(department.id for department in compiled.registry.departments)]
    if len(names) > OWNERS:
        raise ConfigurationError(
            f"the registry declares {len(names) - 1} departments and teams, and governance tells {OWNERS - 1} "
            "apart: put some together in the registry, or in one for --what-if"
        )
    number = {name: n for n, name in enumerate(names)}
    numbered_owners = [number[owner] for owner in owners]
    owned, slices = sums.owned_and_sliced(combinations, owners, apart.names.places)
    return _Lookup(
        parameters, names, owned, slices, numbers(row.key for row in combinations), numbers(numbered_owners),
        _places(combinations, numbered_owners, apart), apart, fact_owner,
    )  # fmt: skip


def _places(combinations: Sequence[CombinationRow], owners: Sequence[int], apart: Numbered) -> Fragment:
    # By name, as departments are: steps of one instant come in this order, here and in the dashboard's statement.
    by_name = sorted({row.place for row in combinations}, key=lambda place: apart.names.places[place])
    touchpoints = {place: n for n, place in enumerate(by_name)}
    # With more touchpoints than there is room for, some share a number: answers at them then count as answers at one.
    return numbers(
        touchpoints[row.place] % TOUCHPOINTS * OWNERS + owner for row, owner in zip(combinations, owners, strict=True)
    )


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
