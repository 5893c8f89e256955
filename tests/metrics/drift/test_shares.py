"""How many detectors share the alert budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.drift.shares import EXACT, RUNG, BudgetShares

starts = st.lists(st.integers(0, 3_000), min_size=1, max_size=400)


@given(starts, st.integers(0, 3_000))
def test_a_share_is_never_too_great_and_at_most_a_twentieth_too_small(begun: list[int], at_s: int) -> None:
    there = max(1, sum(begin_s <= at_s for begin_s in begun))
    number = BudgetShares(begun).number(at_s)
    assert number == there if there <= EXACT else there <= number < RUNG * there + 1


@given(starts, st.data())
def test_shares_change_when_it_is_said_and_never_between(begun: list[int], data: st.DataObject) -> None:
    shares, after_s = BudgetShares(begun), data.draw(st.sampled_from(begun))
    instants = [after_s, *shares.changes(after_s)]
    assert [shares.number(at_s) for at_s in instants] == sorted({shares.number(at_s) for at_s in range(after_s, 3_001)})


@given(starts, st.randoms())
def test_the_order_in_which_detectors_are_named_makes_no_difference(begun: list[int], chance: object) -> None:
    mixed = begun.copy()
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = BudgetShares(begun), BudgetShares(mixed)
    assert (one.begun, one.changes(-1)) == (other.begun, other.changes(-1))


@pytest.mark.parametrize("count", [500, 5_000])
def test_thresholds_of_a_company_grow_with_its_detectors_and_not_with_their_square(count: int) -> None:
    shares = BudgetShares(range(count))
    assert sum(len(shares.changes(begin_s)) for begin_s in range(count)) < 60 * count
