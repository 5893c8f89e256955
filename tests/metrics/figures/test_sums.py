import math

from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.figures.sums import EMPTY, NEVER, Sums, merge

_numbers = st.floats(0, 1e6)
some = st.builds(
    Sums,
    st.integers(0, 1000),
    _numbers,
    _numbers,
    _numbers,
    _numbers,
    _numbers,
    _numbers,
    _numbers,
    _numbers,
    _numbers,
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)


def close(left: Sums, right: Sums) -> bool:
    return all(
        math.isclose(getattr(left, name), getattr(right, name), rel_tol=1e-9, abs_tol=1e-9) for name in Sums.__slots__
    )


@settings(deadline=None)
@given(some, some, some)
def test_merging_is_associative(a: Sums, b: Sums, c: Sums) -> None:
    assert close(merge([merge([a, b]), c]), merge([a, merge([b, c])]))
    assert close(merge([a, b, c]), merge([merge([a, b]), c]))


@settings(deadline=None)
@given(some, some)
def test_merging_is_commutative(a: Sums, b: Sums) -> None:
    assert merge([a, b]) == merge([b, a])


@settings(deadline=None)
@given(some)
def test_the_empty_sums_are_neutral(a: Sums) -> None:
    assert merge([a, EMPTY]) == merge([a]) == a


def test_nothing_merges_to_the_empty_sums() -> None:
    assert merge([]) == EMPTY
    assert EMPTY.first == -EMPTY.last == NEVER


def test_equal_weights_count_fully_and_unequal_ones_less() -> None:
    assert Sums(w=10.0, w2=10.0).n_eff() == 10
    assert Sums(w=1 + 0.5, w2=1 + 0.25).n_eff() == 1.8
    assert EMPTY.n_eff() == 0


def test_what_customers_say_again_counts_no_more_than_once() -> None:
    # Ten answers: six customers, one of them with five.
    assert Sums(w=10.0, w2=10.0).n_eff(5**2 - 5) == 100 / (5 + 25)
