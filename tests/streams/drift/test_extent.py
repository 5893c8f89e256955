from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from metrics.durations import DAY_S
from streams.drift import extent
from streams.timestamps import EPOCH
from tests.streams.drift.conftest import END, Demo

FROM_S, TO_S = int((END - timedelta(days=60, hours=5)).timestamp()), int(END.timestamp())
_COUNT = "SELECT count() AS n FROM cells WHERE toUnixTimestamp(minute) >= {0} AND toUnixTimestamp(minute) < {1}"


def test_the_earliest_change_is_that_of_the_cells(demo: Demo) -> None:
    assert extent.earliest_change(demo.store, EPOCH) is not None
    assert extent.earliest_change(demo.store, datetime(2100, 1, 1, tzinfo=UTC)) is None


def test_parts_of_a_time_follow_each_other_and_have_as_many_cells_as_are_allowed(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extent, "CELLS_AT_ONCE", 3_000)
    parts = list(extent.parts_of_history(demo.store, FROM_S, TO_S))
    assert (parts[0][0], parts[-1][1]) == (FROM_S, TO_S)
    assert all(before[1] == after[0] and after[0] % DAY_S == 0 for before, after in pairwise(parts))
    counts = [demo.store.query(_COUNT.format(*part))[0]["n"] for part in parts]
    assert len(parts) > 3
    assert max(counts) <= 3_000
    assert all(first + second > 3_000 for first, second in pairwise(counts)), "no more statements than are needed"


def test_a_day_with_more_is_a_part_by_itself_and_a_time_without_cells_is_one(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(extent.parts_of_history(demo.store, 0, 60)) == [(0, 60)]
    monkeypatch.setattr(extent, "CELLS_AT_ONCE", 1)
    parts = list(extent.parts_of_history(demo.store, FROM_S, TO_S))
    assert len(parts) == 61
