"""Credit as marketing-attribution-models gives it, where that computes the same.

Its Shapley values are of one game for each set of departments: the worth of a set is the conversion rate of the
journeys that met exactly these, and the conversions of a set are shared by the values. Ours is one game, in which the
worth of a set is the rate of the journeys that met nobody else; so the values are compared, not the games.
"""

import json
import random
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from metrics.governance.credit import RULES, credit
from metrics.governance.journeys import Journey, Step, paths
from metrics.governance.markov import removal_effects
from metrics.governance.shapley import shapley

PYTHON = Path(__file__).resolve().parents[3] / ".venv-peers" / "bin" / "python"
PEER = Path(__file__).with_name("attribution_peer.py")
NAMES = {
    "last": "last_click",
    "first": "first_click",
    "linear": "linear",
    "position": "position_based",
    "time_decay": "time_decay",
}
EXAMPLE = [
    {"steps": ["a", "b", "c"], "hours": [30.0, 2.0, 0.0], "converted": True},
    {"steps": ["a"], "hours": [0.0], "converted": False},
    {"steps": ["b", "c", "b"], "hours": [400.0, 200.0, 0.0], "converted": True},
    {"steps": ["a", "c"], "hours": [168.0, 0.0], "converted": True},
    {"steps": ["a", "c"], "hours": [5.0, 0.0], "converted": False},
    {"steps": ["c"], "hours": [0.0], "converted": False},
]
# What version 2.1.1 says about it.
SAID = {
    "last_click": {"a": 0.0, "b": 1.0, "c": 2.0},
    "first_click": {"a": 2.0, "b": 1.0, "c": 0.0},
    "linear": {"a": 0.8333333333333333, "b": 1.0, "c": 1.1666666666666665},
    "position_based": {"a": 0.9, "b": 1.0, "c": 1.1},
    "time_decay": {"a": 0.6406261890962588, "b": 1.0761390715836165, "c": 1.2832347393201244},
    "removal": {"a": 23 / 39, "b": 0.6, "c": 7 / 9},
    "shapley": {"a": 0.5833333333333334, "b": 0.8333333333333334, "c": 1.5833333333333335},
}


def ours(company: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    journeys = []
    for item in company:
        times = [round((item["hours"][0] - hours) * 3600) for hours in item["hours"]]
        journeys.append(Journey(tuple(map(Step, item["steps"], times)), item["converted"]))
    result = {theirs: credit(journeys, RULES[name]) for name, theirs in NAMES.items()}
    return result | {"removal": removal_effects(paths(journeys)), "shapley": shared_sets(company)}


def shared_sets(company: list[dict[str, Any]]) -> dict[str, float]:
    """The conversions of each set of departments, shared by the Shapley values of its game."""
    ended: defaultdict[frozenset[str], list[bool]] = defaultdict(list)
    for item in company:
        ended[frozenset(item["steps"])].append(item["converted"])
    rates = {members: sum(converted) / len(converted) for members, converted in ended.items()}
    parts: defaultdict[str, float] = defaultdict(float)
    for members, rate in rates.items():
        if rate:
            for name, value in shapley(sorted(members), lambda some: rates.get(some, 0.0)).items():
                parts[name] += value / rate * sum(ended[members])
    return dict(parts)


def alike(one: dict[str, float], other: dict[str, float]) -> bool:
    return all(one.get(name, 0) == pytest.approx(other.get(name, 0), abs=1e-9) for name in one.keys() | other.keys())


@pytest.mark.parametrize("model", SAID)
def test_the_example_gets_the_credit_that_the_peer_gives_it(model: str) -> None:
    assert alike(ours(EXAMPLE)[model], SAID[model])


def drawn(seed: int) -> list[dict[str, Any]]:
    generator = random.Random(seed)
    company = []
    for _ in range(generator.randint(3, 60)):
        steps: list[str] = []
        for _ in range(generator.randint(1, 6)):
            # No department follows itself: to the peer these are two steps, to us one.
            steps.append(generator.choice([name for name in "abcde" if name != (steps or [""])[-1]]))
        hours = sorted((float(generator.randrange(600)) for _ in steps[1:]), reverse=True)
        company.append({"steps": steps, "hours": [*hours, 0.0], "converted": generator.random() < 0.4})
    company[0]["converted"] = True
    return company


@pytest.mark.skipif(not PYTHON.exists(), reason="marketing-attribution-models is not there: make peers")
def test_two_hundred_companies_get_the_credit_that_the_peer_gives_them() -> None:
    companies = [EXAMPLE, *map(drawn, range(200))]
    done = subprocess.run(
        [str(PYTHON), str(PEER)], input=json.dumps(companies), capture_output=True, text=True, check=True, timeout=120
    )
    said = json.loads(done.stdout)
    assert len(said) == 201
    differing = [
        (number, model)
        for number, (company, theirs) in enumerate(zip(companies, said, strict=True))
        for model, result in ours(company).items()
        if not alike(result, theirs[model])
    ]
    assert differing == []
