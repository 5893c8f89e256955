import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.drift.contributions import GroupTotal, contributions, figure_of_groups, moved
from metrics.drift.subjects import SUBJECTS

CSAT, TRAFFIC = SUBJECTS["csat"], SUBJECTS["traffic"]
GROUPS = st.dictionaries(
    st.sampled_from("abcd"), st.builds(GroupTotal, st.integers(0, 1000), st.integers(0, 1000)), min_size=1
)
COUNTS = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 1000))


def test_a_group_that_falls_alone_contributes_all_of_it() -> None:
    before = {"shop": GroupTotal(100, 80), "phone": GroupTotal(100, 80)}
    after = {"shop": GroupTotal(100, 80), "phone": GroupTotal(100, 40)}
    phone, shop = contributions(CSAT, before, after)
    assert (phone.group, phone.change, phone.share, phone.before, phone.after) == ("phone", -20, 1, 80, 40)
    assert shop.change == pytest.approx(0)


def test_a_mix_that_moves_to_the_worse_group_is_a_fall_too() -> None:
    result = contributions(
        CSAT,
        {"good": GroupTotal(90, 81), "bad": GroupTotal(10, 1)},
        {"good": GroupTotal(50, 45), "bad": GroupTotal(50, 5)},
    )
    assert sum(item.change for item in result) == pytest.approx(50 - 82)
    assert all(item.change < 0 for item in result)


def test_what_comes_or_goes_has_no_figure_on_that_side() -> None:
    [new, old] = contributions(TRAFFIC, {"old": GroupTotal(10, 50)}, {"new": GroupTotal(10, 100)})
    assert (new.before, new.after, old.before, old.after) == (None, 10, 5, None)
    assert (new.change, old.change, new.share, old.share) == (10, -5, 2, -1)


def test_without_a_figure_on_both_sides_there_is_nothing_to_tell() -> None:
    assert contributions(CSAT, {}, {"a": GroupTotal(1, 1)}) == []
    assert contributions(CSAT, {"a": GroupTotal(1, 1)}, {}) == []
    assert figure_of_groups(CSAT, {}) is None


def test_without_a_change_there_are_no_shares_of_it() -> None:
    [same] = contributions(CSAT, {"a": GroupTotal(10, 5)}, {"a": GroupTotal(20, 10)})
    assert same.share is None


@settings(deadline=None)
@given(GROUPS, GROUPS, st.sampled_from([CSAT, SUBJECTS["conversion_rate"], SUBJECTS["nps"]]))
def test_contributions_add_up_to_the_whole(
    before: dict[str, GroupTotal], after: dict[str, GroupTotal], subject: object
) -> None:
    was, now = figure_of_groups(subject, before), figure_of_groups(subject, after)  # type: ignore[arg-type]
    result = contributions(subject, before, after)  # type: ignore[arg-type]
    if was is not None and now is not None:
        assert sum(item.change for item in result) == pytest.approx(now - was, abs=1e-6)


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_contributions_to_a_volume_add_up_as_well(before: dict[str, int], after: dict[str, int]) -> None:
    was = {group: GroupTotal(28, count) for group, count in before.items()}
    now = {group: GroupTotal(3, count) for group, count in after.items()}
    result = contributions(TRAFFIC, was, now)
    if was and now:
        assert sum(item.change for item in result) == pytest.approx(sum(after.values()) / 3 - sum(before.values()) / 28)


def test_a_volume_of_nothing_has_no_weights() -> None:
    [result] = contributions(TRAFFIC, {"a": GroupTotal(28, 0)}, {"a": GroupTotal(3, 3)})
    assert (result.weight_before, result.weight_after, result.change) == (0, 1, 1)


def test_the_share_that_moved_is_the_total_variation() -> None:
    assert moved({"a": 1}, {"b": 1}) == 1
    assert moved({}, {"b": 1}) == 0
