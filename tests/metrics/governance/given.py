"""Strategies: departments, weights and journeys."""

from hypothesis import settings
from hypothesis import strategies as st

from metrics.governance.journeys import Journey, Step

NAMES = ("it", "sales", "service", "marketing", "hr")
law = settings(deadline=None, max_examples=50)
departments = st.sampled_from(NAMES)
weights = st.dictionaries(departments, st.floats(1e-3, 1e6), min_size=1)
counts = st.dictionaries(departments, st.integers(1, 500), min_size=1)


@st.composite
def steps(draw: st.DrawFn) -> Step:
    owner = draw(departments)
    shares = {}
    if draw(st.booleans()):
        helper = draw(departments.filter(lambda name: name != owner))
        part = draw(st.floats(0.01, 0.9))
        shares = {owner: 1 - part, helper: part}
    score = draw(st.none() | st.floats(0, 1))
    return Step(owner, draw(st.integers(0, 10**7)), score, shares)


@st.composite
def journeys(draw: st.DrawFn) -> list[Journey]:
    def one() -> Journey:
        taken = sorted(draw(st.lists(steps(), min_size=1, max_size=6)), key=lambda step: step.at_s)
        return Journey(tuple(taken), draw(st.booleans()), draw(st.integers(1, 9)))

    return [one() for _ in range(draw(st.integers(1, 8)))]


def renamed(journeys: list[Journey], names: dict[str, str]) -> list[Journey]:
    return [
        Journey(
            tuple(
                Step(
                    names[step.department], step.at_s, step.satisfaction, {names[k]: v for k, v in step.shares.items()}
                )
                for step in journey.steps
            ),
            journey.converted,
            journey.weight,
        )
        for journey in journeys
    ]


def split(journeys: list[Journey]) -> list[Journey]:
    """Every journey in two halves: as if each of them had been counted apart."""
    return [Journey(journey.steps, journey.converted, 1) for journey in journeys] + [
        Journey(journey.steps, journey.converted, journey.weight - 1) for journey in journeys if journey.weight > 1
    ]
