from hypothesis import given
from hypothesis import strategies as st

from metrics.figures.response_rates import Invited, response_rate

COUNTS = st.integers(0, 10_000)


def test_a_rate_of_few_customers_is_none() -> None:
    assert response_rate(Invited(invitations=100, answered=50, squares=2_500, answers=50)).suppressed == "n_eff<5"
    assert response_rate(Invited(open=100)).suppressed == "too_recent"


def test_answers_without_an_invitation_do_not_raise_a_rate_of_customers() -> None:
    rate = response_rate(Invited(invitations=100, answered=10, squares=100, answers=900))
    assert (rate.value, rate.suppressed) == (10.0, "")


def test_where_most_answers_name_nobody_numbers_are_compared() -> None:
    rate = response_rate(Invited(invitations=100, answered=3, squares=100, answers=40, nameless_answers=37))
    assert (rate.value, rate.n_eff, rate.answered) == (40.0, 100.0, 40)


@given(COUNTS, COUNTS, COUNTS, COUNTS, st.floats(0, 1), st.floats(0, 1))
def test_a_rate_lies_between_0_and_100_within_its_interval(
    named: int, nameless: int, answers: int, nameless_answers: int, share: float, clustered: float
) -> None:
    squares = int(named + clustered * (named * named - named))
    rate = response_rate(
        Invited(named + nameless, 0, nameless, answers, min(answers, nameless_answers), int(share * named), squares)
    )
    assert (rate.value is None) == bool(rate.suppressed)
    if rate.value is not None and rate.ci is not None:
        assert 0 <= rate.ci[0] <= rate.value + 1e-9 <= rate.ci[1] + 2e-9 <= 100 + 3e-9
        assert rate.n_eff <= rate.n + 1e-9
