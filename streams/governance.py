"""What the assessment of governance needs, counted in the store: the work is done there, and sums come back.

Who owned what is not stored with facts. What rules can tell apart is asked for first, attributed here, and
handed back as two arrays of numbers, so that each pass over the facts knows the owner of each, under any registry.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from metrics.attribution import COMPANY, UNOWNED
from metrics.balances import View
from metrics.catalogue import METRICS
from metrics.governance.assessment import assess
from metrics.governance.cases import Case
from metrics.governance.counted import Counted, Figure, Scores
from metrics.governance.credit import TIME_DECAY_HALF_LIFE_S
from metrics.governance.estimates import NONE, Moments
from metrics.governance.handoffs import Transition
from metrics.governance.journeys import Path
from metrics.governance.perception import Answers
from metrics.governance.spend import Promoters, Spend
from streams import governance_sql as sql
from streams import snapshot
from streams.registry_file import Rules
from streams.store import Store

MOST_PATHS: Final = 20_000
"""The most frequent ones; the rest, each seen once or twice, are left out of credit."""


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


def compute(store: Store, rules: Rules, question: Question) -> tuple[Figure, ...]:
    """All figures of governance of a period under a registry."""
    return assess(
        rules.registry,
        count(store, rules, question),
        int(question.since.timestamp()),
        int(question.at.timestamp()),
    )


def count(store: Store, rules: Rules, question: Question) -> Counted:
    """Counts what the assessment needs, in passes over the facts of the period, none of which brings facts here."""
    parameters = _parameters(rules, question)
    # Alarms and levels are of metrics: they are there without a fact of the period.
    alarms = {row["metric"]: row["n"] for row in store.query(sql.ALARMS, parameters)}
    levels = _levels(store, rules, question)
    combinations = store.query(sql.COMBINATIONS, parameters)
    if not combinations:
        return Counted(alarms=alarms, levels=levels)
    names = [UNOWNED, *(one.id for one in rules.registry.departments)]
    owners = [_owner(row, rules, question) for row in combinations]
    keys = ",".join(str(row["key"]) for row in combinations)
    numbers = ",".join(str(names.index(owner)) for owner in owners)

    def ask(text: str) -> list[dict[str, Any]]:
        return store.query(text.replace("{keys}", f"[{keys}]").replace("{owners}", f"[{numbers}]"), parameters)

    days, [journeys], spends = ask(sql.DAYS), ask(sql.JOURNEYS), ask(sql.SPENDS)
    owned, slices = _events(combinations, owners)
    return Counted(
        owned=owned,
        slices=slices,
        transitions=tuple(_transition(row, names) for row in ask(sql.TRANSITIONS)),
        paths=tuple(_path(row, names) for row in ask(sql.PATHS)),
        decayed={names[owner]: credit for owner, credit in zip(*journeys["decayed"], strict=True)},
        departments=_sums(journeys, "departments"),
        changes=_sums(journeys, "changes"),
        answers=tuple(Answers(**row) for row in ask(sql.ANSWERS)),
        success=_success(ask(sql.SUCCESS)),
        spends=tuple(_spend(row, names) for row in spends),
        # Who is a promoter matters only beside what it cost.
        promoters=_promoters(ask(sql.PROMOTERS), names) if spends else {},
        cases=tuple(_case(row, names) for row in ask(sql.CASES)),
        scores=_scores(days),
        days=_days(days),
        alarms=alarms,
        levels=levels,
    )


def _parameters(rules: Rules, question: Question) -> dict[str, Any]:
    since_s, until_s = question.since.timestamp(), question.at.timestamp()
    found: dict[str, Any] = {
        "since": since_s,
        "until": until_s,
        "middle": (since_s + until_s) / 2,
        "boundaries": list(rules.attribution.boundaries),
        "conversion": question.conversion,
        "paths": MOST_PATHS,
        "half_life": TIME_DECAY_HALF_LIFE_S,
    }
    ownerships = rules.registry.ownerships
    for name, values in (
        ("segments", (rule.segment for rule in ownerships)),
        ("regions", (rule.region for rule in ownerships)),
        ("kinds", (rule.kind for rule in ownerships)),
    ):
        found[name] = sorted({value for value in values if value})
    return found


def _levels(store: Store, rules: Rules, question: Question) -> dict[str, float]:
    """What the company's metrics stand at, each on the horizon of its term; asked only where programmes may clash."""
    metrics = [program.metric for program in rules.registry.programs]
    if len(metrics) == len(set(metrics)):
        return {}
    rows = snapshot.compute(store, rules, question.at, [question.view]).balances[question.view]
    return {
        row.metric: row.value
        for row in rows
        if row.department == COMPANY and row.horizon == METRICS[row.metric].term and row.value is not None
    }


def _owner(row: dict[str, Any], rules: Rules, question: Question) -> str:
    at_s = row["at_s"] if question.view == "as_was" else int(question.at.timestamp())
    return rules.attribution.owner(row["touchpoint_"], row["segment_"], row["region_"], row["kind_"], at_s)


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


def _transition(row: dict[str, Any], names: list[str]) -> Transition:
    after = Moments(row["scored"], row["total"], row["squares"])
    return Transition(names[row["giver"]], names[row["taker"]], row["n"], after, row["asked"])


def _sums(row: dict[str, Any], name: str) -> Moments:
    return Moments(row["n"], row[name], row[f"{name}_squared"]) if row["n"] else NONE


def _path(row: dict[str, Any], names: list[str]) -> Path:
    return Path(tuple(names[owner] for owner in row["path"]), row["converted"], row["lost"])


def _spend(row: dict[str, Any], names: list[str]) -> Spend:
    return Spend(names[row["owner"]], row["touchpoint"], row["category"], row["currency"], row["amount_"], row["n"])


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
    return Case(names[row["owner"]], row["opened_s"], closed, **told, touchpoint=row["touchpoint_"])


def _success(rows: list[dict[str, Any]]) -> dict[str, dict[float, int]]:
    found: dict[str, dict[float, int]] = {}
    for row in rows:
        found.setdefault(row["metric"], {})[row["value"]] = row["n"]
    return found


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


def as_rows(figures: tuple[Figure, ...]) -> list[dict[str, Any]]:
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
