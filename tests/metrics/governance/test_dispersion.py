import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.dispersion import dispersion, effective_owners, hhi, normalised_entropy, shares
from tests.known import known
from tests.metrics.governance.given import NAMES, counts, law, weights


@law
@given(weights)
def test_there_are_between_one_and_n_effective_owners(held: dict[str, float]) -> None:
    assert 1 <= effective_owners(held) <= len(held)
    assert 0 <= normalised_entropy(held) <= 1


@law
@given(weights, st.permutations(NAMES))
def test_renaming_departments_changes_no_figure(held: dict[str, float], names: list[str]) -> None:
    other = {dict(zip(NAMES, names, strict=True))[name]: weight for name, weight in held.items()}
    assert effective_owners(other) == pytest.approx(effective_owners(held))
    assert normalised_entropy(other) == pytest.approx(normalised_entropy(held))


@law
@given(weights, st.floats(1e-3, 1e3))
def test_the_unit_of_what_is_held_does_not_matter(held: dict[str, float], factor: float) -> None:
    scaled = {name: weight * factor for name, weight in held.items()}
    assert effective_owners(scaled) == pytest.approx(effective_owners(held))


@law
@given(st.integers(1, 40), st.integers(1, 100))
def test_equal_shares_are_as_many_owners_as_there_are(n: int, each: int) -> None:
    result = dispersion({str(i): each for i in range(n)})
    assert result.effective_owners.value == pytest.approx(n)
    assert result.entropy.value == pytest.approx(1.0 if n > 1 else 0.0)
    assert result.hhi.ci is None


@law
@given(weights)
def test_a_transfer_from_the_greater_to_the_smaller_spreads_more(held: dict[str, float]) -> None:
    if len(held) > 1:
        ordered = sorted(held, key=held.__getitem__)
        low, high = ordered[0], ordered[-1]
        quarter = (held[high] - held[low]) / 4
        other = held | {low: held[low] + quarter, high: held[high] - quarter}
        assert effective_owners(other) >= effective_owners(held) - 1e-9


@law
@given(counts)
def test_intervals_hold_the_figure_and_stay_in_range(events: dict[str, int]) -> None:
    result = dispersion(events, sampled=True)
    figures = (result.hhi, 1 / len(events), 1), (result.effective_owners, 1, len(events)), (result.entropy, 0, 1)
    for estimate, low, high in figures:
        if estimate.ci is not None:
            assert low - 1e-9 <= known(estimate.ci)[0] <= known(estimate.value) + 1e-9
            assert known(estimate.value) - 1e-9 <= known(estimate.ci)[1] <= high + 1e-9


@pytest.mark.parametrize("truth", [(0.7, 0.2, 0.1), (0.25, 0.25, 0.25, 0.25), (0.4, 0.3, 0.2, 0.1)])
def test_intervals_hold_the_truth_about_as_often_as_they_promise(truth: tuple[float, ...]) -> None:
    generator = random.Random(11)
    entropy = -sum(item * math.log(item) for item in truth) / math.log(len(truth))
    held = [0, 0]
    for _ in range(400):
        result = dispersion(Counter(generator.choices(range(len(truth)), truth, k=200)), sampled=True)
        held[0] += known(result.hhi.ci)[0] - 1e-12 <= hhi(truth) <= known(result.hhi.ci)[1]
        held[1] += known(result.entropy.ci)[0] <= entropy <= known(result.entropy.ci)[1] + 1e-12
    assert all(times >= 365 for times in held), held


def test_nothing_held_is_no_dispersion() -> None:
    assert dispersion({}).departments == 0
    assert dispersion({"it": 0.0}).hhi.value is None
    assert shares({}) == {}
