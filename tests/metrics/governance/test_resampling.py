import random

from hypothesis import given

from metrics.governance.journeys import Journey, Path, paths
from metrics.governance.markov import markov
from metrics.governance.resampling import bootstrap
from metrics.governance.shapley import shapley_of_paths
from tests.known import known
from tests.metrics.governance.given import journeys, law


@law
@given(journeys())
def test_an_interval_holds_its_figure(some: list[Journey]) -> None:
    for figure in (markov, shapley_of_paths):
        for estimate in bootstrap(paths(some), figure, rounds=20).values():
            assert known(estimate.ci)[0] <= known(estimate.value) <= known(estimate.ci)[1]


def test_the_same_paths_give_the_same_intervals() -> None:
    some = [Path(("it", "hr"), 9, 30), Path(("it",), 2, 20)]
    assert bootstrap(some, markov) == bootstrap(some, markov)
    assert bootstrap(some, markov, rounds=7) != bootstrap(some, markov, seed=1, rounds=7)


def test_no_journey_has_no_figure() -> None:
    assert bootstrap([], markov) == {}


def test_intervals_hold_the_truth_about_as_often_as_they_promise() -> None:
    generator = random.Random(2)
    chances = {("it",): 0.2, ("hr",): 0.1, ("it", "hr"): 0.5}
    truth = shapley_of_paths([Path(names, round(1e6 * p), round(1e6 * (1 - p))) for names, p in chances.items()])
    held = 0
    for _ in range(100):
        some = []
        for names, chance in chances.items():
            converted = sum(generator.random() < chance for _ in range(300))
            some.append(Path(names, converted, 300 - converted))
        result = bootstrap(some, shapley_of_paths)["it"]
        held += known(result.ci)[0] <= truth["it"] <= known(result.ci)[1]
    assert held >= 88
