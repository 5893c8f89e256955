from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.store.versions import MICROSECOND, MILLISECOND, Reading, Watermarks, next_version
from streams.timestamps import EPOCH

instants = st.integers(0, 7_000_000_000_000_000).map(lambda us: EPOCH + timedelta(microseconds=us))
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


@given(instants, instants, st.sampled_from((MICROSECOND, MILLISECOND)))
def test_a_version_comes_after_all_that_was_seen_and_is_the_clocks_time_where_that_does(
    now: datetime, seen: datetime, unit: timedelta
) -> None:
    version = next_version(now, seen, unit)
    assert version > seen
    assert version > now - unit
    assert version <= max(now, seen + unit)


@given(st.lists(instants, min_size=2, max_size=20))
def test_versions_only_go_up_whatever_the_clock_shows(clock: list[datetime]) -> None:
    versions = [next_version(clock[0], clock[0], MILLISECOND)]
    for now in clock[1:]:
        versions.append(next_version(now, versions[-1], MILLISECOND))
    assert all(earlier < later for earlier, later in pairwise(versions))


def test_a_clock_is_behind_by_what_it_was_set_back() -> None:
    assert Reading(NOON, NOON - timedelta(seconds=1)).behind_s == 0
    assert Reading(NOON, NOON + timedelta(minutes=2)).behind_s == 120


def test_what_had_been_seen_is_known_for_every_moment_that_is_kept() -> None:
    seen = Watermarks(NOON, 10.0)
    assert seen.at(0.0) == NOON
    for second in range(100):
        seen.note(float(second), NOON + timedelta(milliseconds=second))
    assert [(seen.at(at) - NOON) / MILLISECOND for at in (89.0, 95.5, 99.0, 200.0)] == [89, 95, 99, 99]


def test_before_what_is_kept_there_is_the_earliest_of_it() -> None:
    seen = Watermarks(NOON, 10.0)
    seen.note(0.0, NOON + MILLISECOND)
    assert seen.at(-5.0) == NOON
    seen.note(10.0, NOON + 2 * MILLISECOND)
    assert seen.at(5.0) == NOON + MILLISECOND
    assert seen.at(-5.0) == NOON + MILLISECOND


@pytest.mark.parametrize("kept", [0.0, 3_600.0])
def test_what_is_noted_is_seen_from_then_on(kept: float) -> None:
    seen = Watermarks(NOON, kept)
    seen.note(1.0, NOON + MILLISECOND)
    assert seen.at(1.0) == NOON + MILLISECOND
