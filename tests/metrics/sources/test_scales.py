from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from metrics.sources.scales import Scale, amount_reader, cleaned_number, number_of, whole_reader
from metrics.sources.unfit import Unfit


@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(1, 7), st.sampled_from(["linear", "bins"]))
def test_a_scale_keeps_its_ends_and_its_order(worst: int, best: int, span: int, how: Any) -> None:
    assume(worst != best)
    assume(how == "linear" or abs(best - worst) >= span)
    scale = Scale(worst, best, 1, 1 + span, how)
    step = 1 if best > worst else -1
    scores = [scale.score(number) for number in range(worst, best + step, step)]
    assert scores == sorted(scores)
    assert (scores[0], scores[-1]) == (1, 1 + span)


@given(st.integers(1, 5), st.integers(1, 6))
def test_bins_give_each_of_our_scores_as_many_of_theirs(ours: int, times: int) -> None:
    assume(ours > 1)
    scale = Scale(1, ours * times, 1, ours, "bins")
    scores = [scale.score(number) for number in range(1, ours * times + 1)]
    assert [scores.count(score) for score in range(1, ours + 1)] == [times] * ours


def test_a_score_off_the_scale_is_refused() -> None:
    for number in (0, 11, 10.5):
        with pytest.raises(Unfit, match="must be 1 to 10"):
            Scale(1, 10, 1, 5, "linear").score(number)


@given(st.decimals(0, 10**9, places=2, allow_nan=False))
def test_an_amount_is_read_exactly_in_every_writing(amount: Decimal) -> None:
    grouped = f"{amount:,}"
    turned = grouped.translate(str.maketrans(",.", ".,"))
    assert Decimal(amount_reader(None)(str(amount))) == amount
    assert Decimal(amount_reader(".")(grouped)) == amount
    assert Decimal(amount_reader(",")(turned)) == amount
    assert Decimal(amount_reader(",")(turned.replace(".", "\u202f"))) == amount


@pytest.mark.parametrize(
    ("value", "number"), [(9, 9), ("9", 9), (" 9 ", 9), (9.0, 9), ("9.0", 9), ("-3", -3), ("+3", 3)]
)
def test_whole_numbers_are_read_however_they_are_written(value: Any, number: int) -> None:
    assert whole_reader(None, None)(value) == number


@pytest.mark.parametrize("value", ["", "nine", "9,5", 9.5, "1e3", True, [9], {"x": 1}, float("nan"), "9" * 40])
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    with pytest.raises(Unfit):
        whole_reader(None, None)(value)


def test_a_decimal_comma_has_to_be_declared() -> None:
    with pytest.raises(Unfit, match='declare decimal = ","'):
        number_of("7,5", None)
    assert number_of("7,5", ",") == 7.5
    assert cleaned_number("1.234,5", ",") == "1234.5"
    assert amount_reader(None)(0.1) == "0.1"
    assert amount_reader(None)(1e-7) == "0.0000001"
