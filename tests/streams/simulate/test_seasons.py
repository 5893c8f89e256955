import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.simulate.company import SIMULATED_COMPANY, Effect
from streams.simulate.seasons import instants, rows

HOUR_MS = 3_600_000
ROWS = rows(SIMULATED_COMPANY, ())


def hour_of(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600


def test_there_is_a_row_for_each_kind_of_each_touchpoint() -> None:
    planned = [(plan.id, kind) for plan in SIMULATED_COMPANY.touchpoints for kind in plan.kinds]
    assert [(row.plan.id, row.kind) for row in ROWS] == planned


def test_the_volume_of_an_hour_is_its_weight_times_its_season() -> None:
    plan = next(plan for plan in SIMULATED_COMPANY.touchpoints if plan.id == "service.switchboard")
    row = next(row for row in ROWS if row.plan is plan and row.kind == "contact")
    tuesday, sunday = datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 11, 29, 3, tzinfo=UTC)
    for moment, weekday in ((tuesday, 1), (sunday, 6)):
        expected = plan.kinds["contact"] * plan.season.level(moment.hour, weekday)
        assert row.volume(hour_of(moment)) == pytest.approx(expected)


def test_an_effect_changes_only_the_kinds_and_touchpoints_that_it_names() -> None:
    effect = Effect(frozenset({"web.site"}), frozenset({"visit"}), begins=0, full=0, volume=2.0, score=-1.0)
    changed = [
        (row.plan.id, row.kind, row.volume(5) / calm.volume(5), row.shift(5) - calm.shift(5))
        for row, calm in zip(rows(SIMULATED_COMPANY, [effect]), ROWS, strict=True)
        if row.volume(5) != calm.volume(5) or row.shift(5) != calm.shift(5)
    ]
    assert changed == [("web.site", "visit", 2.0, -1.0)]


@given(st.integers(0, 10**7), st.integers(1, 3 * HOUR_MS), st.integers(0, 50), st.integers(0, 99))
def test_instants_are_as_many_as_asked_in_order_and_inside(start_ms: int, span_ms: int, count: int, seed: int) -> None:
    instants_drawn = list(instants(ROWS, random.Random(seed), start_ms, start_ms + span_ms, count))
    assert len(instants_drawn) == count
    assert instants_drawn == sorted(instants_drawn)
    assert all(start_ms <= at_ms < start_ms + span_ms for at_ms in instants_drawn)


def test_instants_are_as_dense_as_the_rows_are_busy() -> None:
    monday = hour_of(datetime(2026, 11, 23, tzinfo=UTC))
    instants_drawn = list(instants(ROWS, random.Random(1), monday * HOUR_MS, (monday + 24) * HOUR_MS, 50_000))
    volumes = [sum(row.volume(monday + hour) for row in ROWS) for hour in range(24)]
    for hour in range(24):
        share = sum(at_ms // HOUR_MS == monday + hour for at_ms in instants_drawn) / len(instants_drawn)
        assert share == pytest.approx(volumes[hour] / sum(volumes), abs=0.01)
