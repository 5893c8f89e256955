"""Bytes that are reserved come back exactly once, whoever gives them back."""

import pytest

from streams.gateway.budget import Budget, Full


def test_what_is_reserved_is_taken_until_it_is_released_and_then_only_once() -> None:
    budget = Budget(10)
    first = budget.reserve(6)
    with pytest.raises(Full):
        budget.reserve(5)
    first.shrink(4)
    second = budget.reserve(6)
    with pytest.raises(Full):
        budget.reserve(1)
    first.release()
    first.release()
    assert budget.taken == 6
    second.release()
    assert budget.taken == 0


def test_who_hands_a_reservation_over_gives_nothing_back_any_more() -> None:
    budget = Budget(10)
    first = budget.reserve(6)
    other = first.hand_over()
    first.release()
    assert budget.taken == 6
    other.release()
    assert budget.taken == 0


def test_no_request_keeps_more_than_it_has_reserved() -> None:
    budget = Budget(10)
    budget.reserve(3).shrink(9)
    assert budget.taken == 3
