"""The figures of a real shop in docs/governance.md are those that its events give."""

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from metrics.governance.counted import GovernanceFigure
from streams.governance.counting import Question, compute
from streams.registry.file import CompiledRegistry, load
from streams.store.client import Store
from tests.streams.given import facts_of

pytestmark = pytest.mark.olist
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "governance.md"
QUESTION = Question(datetime(2016, 9, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC))
# Every journey with a conversion but two has one department before it: first, position and last say the same.
SHOWN = ("hand_off", "credit_last", "credit_markov", "credit_shapley", "change_")


def events_of(olist: Path) -> list[dict[str, Any]]:
    with gzip.open(olist / "events.ndjson.gz") as file:
        return [json.loads(line) for line in file]


@pytest.fixture
def shop(olist: Path, store: Store) -> tuple[Store, CompiledRegistry]:
    compiled = load(olist / "registry.toml")
    store.insert_facts(facts_of(events_of(olist), compiled))
    return store, compiled


def row(figure: GovernanceFigure) -> str:
    value, ci = figure.estimate.value, figure.estimate.ci
    numbers = [f"{value:.4f}", *(f"{end:.4f}" for end in ci or ())]
    note = "uncertain" if figure.estimate.is_uncertain else ""
    cells = (
        figure.measure,
        figure.subject or "the company",
        *numbers,
        str(figure.estimate.n),
        f"{figure.estimate.n_eff:.0f}",
        note,
    )
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def test_the_figures_of_the_document_are_those_of_the_events(shop: tuple[Store, CompiledRegistry]) -> None:
    store, compiled = shop
    figures = [
        figure
        for figure in compute(store, compiled, QUESTION)
        if figure.measure.startswith(SHOWN) and figure.estimate.value is not None
    ]
    section = DOCUMENT.read_text().partition("## A real shop")[2].partition("\n## ")[0]
    documented = [line for line in section.splitlines() if line.startswith(tuple(f"| {name}" for name in SHOWN))]
    assert documented == [row(figure) for figure in figures]


def test_hand_offs_are_those_of_a_plain_reading(olist: Path, shop: tuple[Store, CompiledRegistry]) -> None:
    compiled = shop[1]
    journeys: dict[str, list[tuple[datetime, str, str]]] = {}
    for event in events_of(olist):
        at = datetime.fromisoformat(event["occurred_at"])
        labels = (event["touchpoint"], event.get("segment", ""), event.get("region", ""), event["kind"])
        owner = compiled.attribution.owner(*labels, int(at.timestamp()))
        journeys.setdefault(event["journey"], []).append((at, event["event_id"], owner))
    steps: Counter[bool] = Counter()
    for journey in journeys.values():
        steps.update(step[2] != other[2] for step, other in pairwise(sorted(journey)))
    [share] = [figure for figure in compute(*shop, QUESTION) if figure.measure == "hand_off_share"]
    assert share.estimate.value == pytest.approx(steps[True] / steps.total())
    assert share.estimate.n == steps.total()
