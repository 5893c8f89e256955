"""A publisher sends its rate in the long run, a burst at once, and is told how long to wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.gateway.rates import BURST_S, Rates


@given(st.lists(st.tuples(st.integers(1, 500), st.floats(0, 3)), min_size=1, max_size=200), st.floats(1, 1000))
def test_in_the_long_run_no_more_than_the_rate_and_one_burst_and_one_request(
    requests: list[tuple[int, float]], per_s: float
) -> None:
    rates, now_s, taken, largest = Rates(), 0.0, 0, 0
    for events, pause_s in requests:
        now_s += pause_s
        if rates.wait_s("shop", now_s) == 0:
            rates.take("shop", events, per_s, now_s)
            taken, largest = taken + events, max(largest, events)
        assert taken <= per_s * (now_s + BURST_S) + largest + 1e-6


def test_who_waits_for_as_long_as_it_is_told_may_send() -> None:
    rates = Rates()
    rates.take("shop", 3_000, 100.0, 5.0)
    wait_s = rates.wait_s("shop", 5.0)
    assert wait_s == pytest.approx(20.0)
    assert rates.wait_s("shop", 5.0 + wait_s - 0.01) > 0
    assert rates.wait_s("shop", 5.0 + wait_s + 0.01) == 0
    assert rates.wait_s("crm", 5.0) == 0
