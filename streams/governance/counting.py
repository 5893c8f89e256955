"""What the assessment of governance needs, counted in the store: the work is done there, and sums come back.

Who owned what is not stored with facts. What rules can tell apart is asked for first, attributed here, and
handed back as two arrays of numbers, so that each pass over the facts knows the owner of each, under any registry.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from metrics.catalogue import KINDS, METRICS
from metrics.figures.balances import View
from metrics.governance.cases import Case
from metrics.governance.counted import Counted, GovernanceFigure, Scores
from metrics.governance.credit import TIME_DECAY_HALF_LIFE_S
from metrics.governance.estimates import Moments
from metrics.governance.perception import Answers
from metrics.governance.spend import Promoters, Spend
from metrics.registry import COMPANY, UNOWNED
from streams.errors import ConfigurationError
from streams.figures import snapshot
from streams.governance import statements as sql
from streams.governance.journeys import journeys
from streams.registry.file import CompiledRegistry
from streams.runtime.lazy import lazy
from streams.store.client import Store

if TYPE_CHECKING:
    from metrics.governance.assessment import assess
else:
    # Loads numpy: a quarter of a second that the start of a worker does not wait for.
    assess = lazy("metrics.governance.assessment:assess")

MOST_PATHS: Final = 20_000
"""The most frequent ones; the rest, each seen once or twice, are left out of credit."""


"""What a question is about unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about.

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


def compute(store: Store, compiled: CompiledRegistry, question: Question) -> tuple[GovernanceFigure, ...]:
    """All figures of governance of a period under a registry."""
    return assessed(compiled, count(store, compiled, question), question)


def assessed(compiled: CompiledRegistry, counted: Counted, question: Question) -> tuple[GovernanceFigure, ...]:
    """All figures of governance, of what has been counted."""
    return assess(compiled.registry, counted, int(question.since.timestamp()), int(question.at.timestamp()))


def count(store: Store, compiled: CompiledRegistry, question: Question) -> Counted:
    """Counts what the assessment needs, in passes over the facts of the period, none of which brings facts here."""
    parameters = asked([compiled], question) | {
        "middle": (question.since.timestamp() + question.at.timestamp()) / 2,
        "conversion": question.conversion,
        "paths": MOST_PATHS,
        "half_life_ms": TIME_DECAY_HALF_LIFE_S * 1000,
        "tick": ceil((question.at - question.since) / timedelta(milliseconds=sql.TICKS)),
    }
    # Alarms and levels are of metrics: they are there without a fact of the period.
    alarms = {row["metric"]: row["n"] for row in store.query(sql.ALARMS, parameters)}
    levels = _levels(store, compiled, question)
    combinations = store.query(sql.COMBINATIONS, parameters)
    if not combinations:
        return Counted(alarms=alarms, levels=levels)
    owners = [owner_of(row, compiled, question) for row in combinations]
    names = [UNOWNED, *sorted(one.id for one in compiled.registry.departments)]
    if len(names) > sql.OWNERS:
        raise ConfigurationError(
            f"the registry declares {len(names) - 1} departments and teams, and governance tells {sql.OWNERS - 1} "
            "apart: put some together in the registry, or in one for --what-if"
        )
    arrays = _arrays(combinations, [names.index(owner) for owner in owners])

    def ask(text: str) -> list[dict[str, Any]]:
        for name, numbers in arrays.items():
            text = text.replace(f"{{{name}}}", f"[{','.join(map(str, numbers))}]")
        return store.query(text, parameters)

    owned, slices = _events(combinations, owners)
    return replace(_counted(ask, names), owned=owned, slices=slices, alarms=alarms, levels=levels)


def _counted(ask: Callable[[str], list[dict[str, Any]]], names: list[str]) -> Counted:
    """What the statements count that know whose each fact is; `names` are the departments by their number."""
    days, found = ask(sql.DAYS), journeys(ask(sql.JOURNEYS), names)
    facts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in ask(sql.FACTS):
        facts[row["what"]].append(row)
    return Counted(
        transitions=found.transitions,
        paths=found.paths,
        decayed=found.decayed,
        departments=found.departments,
        changes=found.changes,
        answers=_answers(facts["ownership_answer"]),
        success=_success(facts["success_answer"]),
        spends=tuple(_spend(row, names) for row in facts["spend"]),
        # Who is a promoter matters only beside what it cost.
        promoters=_promoters(ask(sql.PROMOTERS), names) if facts["spend"] else {},
        cases=tuple(_case(row, names) for row in facts["case"]),
        scores=_scores(days),
        days=_days(days),
    )


def _arrays(combinations: list[dict[str, Any]], owners: list[int]) -> dict[str, list[int]]:
    """What the statements look up: by key the owner's number, and the same with the touchpoint's above it."""
    # By name, as departments are: steps of one instant come in this order, here and in the dashboard's statement.
    touchpoints = {name: n for n, name in enumerate(sorted({row["touchpoint_"] for row in combinations}))}
    # With more touchpoints than there is room for, some share a number: answers at them then count as asked alike.
    places = [
        touchpoints[row["touchpoint_"]] % sql.TOUCHPOINTS * sql.OWNERS + owner
        for row, owner in zip(combinations, owners, strict=True)
    ]
    return {"keys": [row["key"] for row in combinations], "owners": owners, "places": places}


def asked(versions: Sequence[CompiledRegistry], question: Question) -> dict[str, Any]:
    """What COMBINATIONS needs to tell apart whatever the rules of any of some registries can."""
    ownerships = [rule for compiled in versions for rule in compiled.registry.ownerships]
    kinds = sorted({rule.kind for rule in ownerships if rule.kind})
    return {
        "since": question.since.timestamp(),
        "until": question.at.timestamp(),
        "boundaries": sorted({boundary for compiled in versions for boundary in compiled.attribution.boundaries}),
        "segments": sorted({rule.segment for rule in ownerships if rule.segment}),
        "regions": sorted({rule.region for rule in ownerships if rule.region}),
        "kinds": kinds,
        # As the table of events numbers them.
        "kind_numbers": [KINDS.index(kind) + 1 for kind in kinds],
    }


def _levels(store: Store, compiled: CompiledRegistry, question: Question) -> dict[str, float]:
    """What the company's metrics stand at, each on the horizon of its term; asked only where programmes may clash."""
    metrics = [program.metric for program in compiled.registry.programmes]
    if len(metrics) == len(set(metrics)):
        return {}
    rows = snapshot.compute(store, compiled, question.at, [question.view]).balances[question.view]
    return {
        row.metric: row.value
        for row in rows
        if row.department == COMPANY and row.horizon == METRICS[row.metric].term and row.value is not None
    }


def owner_of(row: dict[str, Any], compiled: CompiledRegistry, question: Question) -> str:
    """Who owns the events of a row of COMBINATIONS."""
    at_s = row["at_s"] if question.view == "as_was" else int(question.at.timestamp())
    return compiled.attribution.owner(row["touchpoint_"], row["segment_"], row["region_"], row["kind_"], at_s)


def _events(
    rows: list[dict[str, Any]], owners: list[str]
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str, str, str], int]]:
    owned: Counter[tuple[str, str]] = Counter()
    slices: Counter[tuple[str, str, str, str]] = Counter()
    for row, owner in zip(rows, owners, strict=True):
        if row["n"]:
            owned[row["touchpoint_"], owner] += row["n"]
            slices[row["touchpoint_"], row["segment_"], row["region_"], row["kind_"]] += row["n"]
    return dict(owned), dict(slices)


def _spend(row: dict[str, Any], names: list[str]) -> Spend:
    return Spend(names[row["owner"]], row["place"], row["category"], row["currency"], row["amount_"], row["n"])


def _promoters(rows: list[dict[str, Any]], names: list[str]) -> dict[str, Promoters]:
    return {
        f"department {names[row['owner']]}" if row["is_department"] else row["touchpoint"]: Promoters(
            (row["early_promoters"], row["early"]), (row["late_promoters"], row["late"]), row["customers"]
        )
        for row in rows
    }


def _case(row: dict[str, Any], names: list[str]) -> Case:
    closed = row["closed_s"] if row["closed_s"] >= row["opened_s"] else None
    told = {} if closed is None else {"resolved": row["resolved_"], "confirmed": row["confirmed_"]}
    return Case(names[row["opener"]], row["opened_s"], closed, **told, touchpoint=row["opened_at"])


def _answers(rows: list[dict[str, Any]]) -> tuple[Answers, ...]:
    found: Counter[tuple[str, str, str, str]] = Counter()
    for row in rows:
        found[row["place"], row["facet"], row["role"], row["answer"]] += row["n"]
    return tuple(Answers(*asked_of, n) for asked_of, n in found.items())


def _success(rows: list[dict[str, Any]]) -> dict[str, dict[float, int]]:
    found: defaultdict[str, Counter[float]] = defaultdict(Counter)
    for row in rows:
        found[row["metric"]][row["value"]] += row["n"]
    return {metric: dict(values) for metric, values in found.items()}


def _scores(rows: list[dict[str, Any]]) -> dict[str, Scores]:
    found: dict[str, Scores] = {}
    for row in rows:
        scored, bad = found.get(row["touchpoint"], Scores(0, 0))
        found[row["touchpoint"]] = Scores(scored + row["n"], bad + row["bad"])
    return found


def _days(rows: list[dict[str, Any]]) -> dict[str, dict[int, Moments]]:
    found: dict[str, dict[int, Moments]] = {}
    for row in rows:
        found.setdefault(row["touchpoint"], {})[row["day"]] = Moments(row["n"], row["total"], row["squares"])
    return found


def as_rows(figures: tuple[GovernanceFigure, ...]) -> list[dict[str, Any]]:
    """Figures as JSON has them."""
    rows = []
    for figure in figures:
        low, high = figure.estimate.ci or (None, None)
        rows.append(
            {
                "measure": figure.measure,
                "subject": figure.subject,
                "value": figure.estimate.value,
                "ci_low": low,
                "ci_high": high,
                "n": figure.estimate.n,
                "n_eff": figure.estimate.n_eff,
                "uncertain": figure.estimate.is_uncertain and figure.estimate.ci is not None,
            }
        )
    return rows
