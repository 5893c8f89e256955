"""One rule for what too little is behind: a bound on ratios of sums of weights is one up to a rounding error."""

from hypothesis import example, given
from hypothesis import strategies as st

from metrics.figures.sample_sizes import MIN_N_EFF, UNCERTAIN_BELOW, is_too_few, makes_uncertain
from metrics.governance.estimates import Estimate
from metrics.report.findings import Finding
from tests.documents import PROJECT

WEIGHTS = st.floats(1e-6, 1.0)


def effective(count: int, weight: float) -> float:
    """So many observations of one weight, as sums of weights have them."""
    return (count * weight) ** 2 / (count * (weight * weight))


@given(WEIGHTS)
@example(0.1)
def test_as_many_observations_as_a_bound_says_meet_it_whatever_they_weigh(weight: float) -> None:
    assert not is_too_few(effective(5, weight))
    assert is_too_few(effective(4, weight))
    assert not makes_uncertain(effective(30, weight))
    assert makes_uncertain(effective(29, weight))


@given(WEIGHTS)
def test_estimates_and_findings_follow_the_same_rule(weight: float) -> None:
    assert not Estimate(1.0, (0.0, 2.0), 30, effective(30, weight)).is_uncertain
    assert not Finding("balance", estimate=Estimate(1.0, None, 5, effective(5, weight))).is_suppressed


def test_no_other_module_compares_with_the_bounds() -> None:
    modules = [path for room in ("metrics", "streams") for path in (PROJECT / room).rglob("*.py")]
    names = ("MIN_N_EFF", "UNCERTAIN_BELOW")
    users = {path.name for path in modules if any(name in path.read_text() for name in names)}
    assert users == {"sample_sizes.py"}
    assert (MIN_N_EFF, UNCERTAIN_BELOW) == (5, 30)
