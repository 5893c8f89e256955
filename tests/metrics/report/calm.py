"""A company in which nothing is wrong: every figure of it is chance around what is meant to be."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from math import fsum

import numpy as np

from metrics.catalogue import METRICS
from metrics.figures.balances import Balance
from metrics.figures.intervals import Z
from metrics.governance.cases import Case
from metrics.governance.counted import Counted, Scores
from metrics.governance.estimates import Moments, moments
from metrics.governance.perception import DONT_KNOW, NOBODY, Answers
from metrics.governance.spend import Spend
from metrics.governance.transitions import CustomerAnswers, Transition
from metrics.registry import parse
from metrics.registry.attribution import Attribution
from metrics.report.findings import Material
from tests.metrics.report.given import material

DAY = 86_400
SINCE_S = int(datetime(2026, 8, 1, tzinfo=UTC).timestamp())
CHANGED_S = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
AT_S = SINCE_S + 120 * DAY
DEPARTMENTS = ("marketing", "sales", "service", "it", "administration")
OWNERS = {f"{name}.{place}": name for name in DEPARTMENTS for place in ("first", "second", "third")}
CHANGED = ("sales.third", "it.third")
"""Two touchpoints that pass to customer service, and nothing comes of it."""
TARGETS = {
    "nps": (0.0, 40.0),
    "csat": (40.0, 80.0),
    "ces": (3.0, 5.5),
    "traffic": (0.0, 300.0),
    "conversions": (0.0, 60.0),
}
LEVELS = {
    "nps": (35.0, 2.5),
    "csat": (75.0, 1.2),
    "ces": (5.2, 0.05),
    "traffic": (250.0, 4.0),
    "conversions": (50.0, 1.5),
}
"""Of each metric, the true level and the standard error of a figure."""
REGULARS = 400
ROLES = ("clerk", "manager", "seller", "engineer")


def _registry() -> str:
    text = (
        'version = "calm"\npolicy = "single"\nsponsor = "cco"\n[spend]\ndeclared = ["surveys"]\nhidden = ["rework"]\n'
    )
    for name in DEPARTMENTS:
        text += f'\n[[department]]\nid = "{name}"\nname = "{name.capitalize()}"\noffice = "front"\n'
    for touchpoint, owner in OWNERS.items():
        text += f'\n[[touchpoint]]\nid = "{touchpoint}"\nname = {{ en = "{touchpoint}" }}\n'
        text += 'stage = "after"\nchannel = "online"\n'
        until = "to = 2026-10-01\n" if touchpoint in CHANGED else ""
        text += f'\n[[ownership]]\ntouchpoint = "{touchpoint}"\nowner = "{owner}"\n{until}'
        if until:
            text += f'\n[[ownership]]\ntouchpoint = "{touchpoint}"\nowner = "service"\nfrom = 2026-10-01\n'
    for metric, (floor, internal) in TARGETS.items():
        text += f'\n[[target]]\nmetric = "{metric}"\nfloor = {floor}\ninternal = {internal}\n'
    return text


REGISTRY = parse(_registry())
ATTRIBUTION = Attribution(REGISTRY)


def calm(seed: int, repeating: bool = False) -> Material:
    """One history of that company, as a store would have counted it; `repeating`: few customers, who come again."""
    draw = np.random.default_rng(seed)
    counted = Counted(
        owned=dict.fromkeys(OWNERS.items(), 1000),
        slices={(touchpoint, "", "", "csat"): 1000 for touchpoint in OWNERS},
        transitions=_of_regulars(draw) if repeating else _transitions(draw),
        answers=_answers(draw),
        success={metric: _wishes(draw, metric) for metric in TARGETS},
        spends=(
            Spend("it", "it.first", "surveys", "EUR", Decimal(900)),
            Spend("it", "it.first", "rework", "EUR", Decimal(100)),
        ),
        cases=tuple(Case("it", AT_S - n * DAY, AT_S - n * DAY + 3600, True, True) for n in range(1, 40)),
        scores={touchpoint: Scores(900, 45) for touchpoint in OWNERS},
        days=_days(draw),
    )
    return material(REGISTRY, counted, SINCE_S, AT_S, balances=_balances(draw), earlier=_balances(draw))


def scores(draw: np.random.Generator, n: int, mean: float) -> Moments:
    """Answers on a scale of five, as 0..1."""
    values = np.clip(np.round(draw.normal(4 * mean, 0.9, n)), 0, 4) / 4
    return Moments(n, float(values.sum()), float((values**2).sum()))


def _transitions(draw: np.random.Generator) -> tuple[Transition, ...]:
    """Some touchpoints are liked less than others, whoever comes from where; hand-offs lead to those more often."""
    found = []
    for taker in DEPARTMENTS:
        for number, (mean, across) in enumerate(((0.8, 20), (0.7, 40), (0.6, 80))):
            for giver in DEPARTMENTS:
                n = int(draw.poisson(120 if giver == taker else across))
                found.append(Transition(giver, taker, 2 * n, scores(draw, n, mean), number + 1))
    return tuple(found)


def _of_regulars(draw: np.random.Generator) -> tuple[Transition, ...]:
    """Customers with a mood and a habit: each is as pleased everywhere, and mostly comes from the same department."""
    answers: defaultdict[tuple[str, str, int], defaultdict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for customer in range(REGULARS):
        mood, home = draw.normal(0, 1.0), DEPARTMENTS[draw.integers(len(DEPARTMENTS))]
        for _ in range(draw.poisson(25)):
            taker, number = DEPARTMENTS[draw.integers(len(DEPARTMENTS))], int(draw.integers(1, 4))
            giver = home if draw.random() < 0.8 else DEPARTMENTS[draw.integers(len(DEPARTMENTS))]
            score = np.clip(np.round(4 * (0.9 - number / 10) + mood + draw.normal(0, 0.5)), 0, 4) / 4
            answers[giver, taker, number][customer].append(float(score))
    return tuple(_transition(*key, by_customer) for key, by_customer in sorted(answers.items()))


def _transition(giver: str, taker: str, number: int, by_customer: Mapping[int, list[float]]) -> Transition:
    rows = tuple(CustomerAnswers(customer, len(some), fsum(some)) for customer, some in sorted(by_customer.items()))
    after = moments([score for some in by_customer.values() for score in some])
    return Transition(giver, taker, 2 * after.n, after, number, rows)


def _answers(draw: np.random.Generator) -> tuple[Answers, ...]:
    found = []
    for touchpoint, declared in OWNERS.items():
        owner = "service" if touchpoint in CHANGED else declared
        said = (owner, "it" if owner != "it" else "sales", NOBODY, DONT_KNOW)
        for role in ROLES:
            counts = draw.multinomial(45, (0.78, 0.08, 0.08, 0.06))
            found += [Answers(touchpoint, "", role, name, int(n)) for name, n in zip(said, counts, strict=True) if n]
    return tuple(found)


def _wishes(draw: np.random.Generator, metric: str) -> dict[float, int]:
    """Customers call success what the company aims at, give or take."""
    floor, target = TARGETS[metric]
    values, counts = np.unique(np.round(draw.normal(target, (target - floor) / 5, 300), 2), return_counts=True)
    return {float(value): int(n) for value, n in zip(values, counts, strict=True)}


def _days(draw: np.random.Generator) -> dict[str, dict[int, Moments]]:
    first = SINCE_S // DAY
    common = draw.normal(0.7, 0.03, 120)
    return {
        touchpoint: {first + day: scores(draw, int(draw.poisson(12)) + 1, float(common[day])) for day in range(120)}
        for touchpoint in OWNERS
    }


def _balances(draw: np.random.Generator) -> list[Balance]:
    at = datetime.fromtimestamp(AT_S, UTC)
    rows = []
    for department in DEPARTMENTS:
        for metric, (level, error) in LEVELS.items():
            value, term = float(draw.normal(level, error)), METRICS[metric].term
            span = (value - Z * error, value + Z * error)
            rows.append(Balance(at, "as_was", department, metric, term, term, value, *span, 900, 700.0, ""))
    return rows
