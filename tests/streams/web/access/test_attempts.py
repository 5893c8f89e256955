"""Laws of the limits: what an address and a network can try, who is not held up, and how much is remembered."""

from hypothesis import given
from hypothesis import strategies as st

from streams.web.access.attempts import (
    MOST_FAILING,
    MOST_KNOWN,
    PER_ADDRESS,
    PER_NETWORK,
    Allowance,
    Attempts,
    Rate,
)

STEPS = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 30)), max_size=120)


def tried(attempts: Attempts, address: str, now_s: float) -> bool:
    """A wrong token; whether it was looked at."""
    if attempts.wait_s(address, now_s) > 0:
        return False
    attempts.failed(address, now_s)
    return True


@given(STEPS)
def test_in_no_stretch_of_time_an_address_tries_more_than_its_allowance(steps: list[tuple[int, float]]) -> None:
    attempts, now_s = Attempts(), 0.0
    looked_at: list[list[float]] = [[] for _ in range(4)]
    for which, pause_s in steps:
        now_s += pause_s
        if tried(attempts, f"192.0.2.{which}", now_s):
            looked_at[which].append(now_s)
    for times in looked_at:
        for first, begin_s in enumerate(times):
            for last, end_s in enumerate(times[first:], start=first):
                assert last - first + 1 <= PER_ADDRESS.at_once + (end_s - begin_s) / PER_ADDRESS.every_s + 1e-6


@given(STEPS)
def test_who_waits_as_long_as_is_said_may_try(steps: list[tuple[int, float]]) -> None:
    attempts, now_s = Attempts(), 0.0
    for which, pause_s in steps:
        now_s += pause_s
        address = f"192.0.2.{which}"
        wait_s = attempts.wait_s(address, now_s)
        assert attempts.wait_s(address, now_s + wait_s + 1e-6) == 0
        tried(attempts, address, now_s)


def address_of(n: int) -> str:
    """Each in a network of its own."""
    return f"{10 + (n >> 16)}.{n >> 8 & 255}.{n & 255}.1"


def test_many_addresses_lock_out_nobody_else_and_memory_of_them_has_a_bound() -> None:
    attempts = Attempts()
    for n in range(3 * MOST_FAILING):
        assert tried(attempts, address_of(n), n / 1000)
        assert attempts.remembered <= MOST_FAILING
        assert attempts.wait_s("192.0.2.1", n / 1000) == 0


def test_of_a_flood_those_are_remembered_that_have_failed_most() -> None:
    attempts = Attempts()
    while tried(attempts, "192.0.2.1", 0.0):
        pass
    for n in range(3 * MOST_FAILING):
        tried(attempts, address_of(n), 0.0)
    assert attempts.wait_s("192.0.2.1", 0.0) > 0
    assert attempts.wait_s("192.0.2.1", PER_ADDRESS.every_s) == 0


@given(st.lists(st.tuples(st.integers(0, 254), st.floats(0, 1)), max_size=300))
def test_in_no_stretch_of_time_a_network_tries_more_than_its_allowance(steps: list[tuple[int, float]]) -> None:
    attempts, now_s = Attempts(), 0.0
    looked_at: list[float] = []
    for which, pause_s in steps:
        now_s += pause_s
        if tried(attempts, f"192.0.2.{which}", now_s):
            looked_at.append(now_s)
    for first, begin_s in enumerate(looked_at):
        end_s = looked_at[-1]
        assert len(looked_at) - first <= PER_NETWORK.at_once + (end_s - begin_s) / PER_NETWORK.every_s + 1e-6
    assert attempts.wait_s("192.0.3.1", now_s) == 0


def test_an_address_from_which_the_token_came_is_not_held_up_by_others_but_by_its_own_failures() -> None:
    attempts = Attempts()
    attempts.succeeded("192.0.2.1")
    for n in range(2, 60):
        tried(attempts, f"192.0.2.{n}", 0.0)
    assert attempts.wait_s("192.0.2.100", 0.0) > 0
    assert attempts.wait_s("192.0.2.1", 0.0) == 0
    for _ in range(PER_ADDRESS.at_once):
        attempts.failed("192.0.2.1", 0.0)
    assert attempts.wait_s("192.0.2.1", 0.0) > 0


def test_a_rate_takes_so_many_at_once_and_then_one_after_the_other() -> None:
    rate = Rate(Allowance(3, 2.0))
    assert [rate.takes(0.0) for _ in range(5)] == [True, True, True, False, False]
    assert [rate.takes(at_s) for at_s in (1.9, 2.0, 2.1, 4.0)] == [False, True, False, True]


def test_known_addresses_are_never_more_than_a_bound_and_the_latest_stay() -> None:
    attempts = Attempts()
    for n in range(MOST_KNOWN + 500):
        attempts.succeeded(f"10.0.{n >> 8}.{n & 255}")
        attempts.succeeded("192.0.2.1")
    assert attempts.remembered == MOST_KNOWN
    for n in range(200):
        tried(attempts, f"198.51.100.{n}", 0.0)
    assert attempts.wait_s("192.0.2.1", 0.0) == 0


def test_whoever_has_a_network_of_ipv6_has_one_address() -> None:
    attempts = Attempts()
    for n in range(PER_ADDRESS.at_once):
        assert tried(attempts, f"2001:db8::{n:x}:1", 0.0)
    assert not tried(attempts, "2001:db8::ffff:ffff", 0.0)
    assert tried(attempts, "2001:db8:0:1::1", 0.0)
