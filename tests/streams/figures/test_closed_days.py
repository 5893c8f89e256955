"""What figures cost as registries grow, in what does not depend on the clock: statements, rows and groups."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from metrics.figures.balances import VIEWS, Balance
from streams.figures import days, minutes, snapshot
from streams.figures.closed_days import closed_days
from streams.figures.groups import closed_groups, open_groups
from streams.figures.kept_days import KeptClosedDays
from streams.figures.selection import select
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import event, facts_of, rules_of

DAY = timedelta(days=1)
TOUCHPOINTS = 20


def dated(start: datetime, dates: int, owners: int = 3) -> CompiledRegistry:
    """Touchpoints that change hands in turn, so often altogether, at even distances that are no midnights."""
    lines = ['version = "1"', 'policy = "single"']
    for number in range(owners):
        lines += ["[[department]]", f'id = "d{number}"', f'name = "D{number}"', 'office = "front"']
    for touchpoint in range(TOUCHPOINTS):
        edges: list[datetime | None] = [
            start + timedelta(minutes=17 + date * 40 * 1440 // dates) for date in range(touchpoint, dates, TOUCHPOINTS)
        ]
        for turn, (begins, ends) in enumerate(zip([None, *edges], [*edges, None], strict=True)):
            owner = f"d{(touchpoint + turn) % owners}"
            lines += ["[[ownership]]", f'touchpoint = "t{touchpoint}"', f'owner = "{owner}"']
            lines += [f"from = {begins:%FT%TZ}"] if begins else []
            lines += [f"to = {ends:%FT%TZ}"] if ends else []
    return rules_of("\n".join(lines))


def some(start: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1_200):
        at = start + timedelta(minutes=number * 48)
        yield event(
            number, ("nps", "visit")[number % 2], at, touchpoint=f"t{number % TOUCHPOINTS}", customer=f"c{number % 50}"
        )


@pytest.fixture
def filled(store: Store, today: datetime) -> Store:
    """Forty days of events until today, folded."""
    compiled = dated(today - 40 * DAY, 20)
    store.insert_facts(facts_of(list(some(today - 40 * DAY)), compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    list(days.fold(store, compiled.registry.horizons))
    return store


@pytest.mark.parametrize("dates", [20, 2_000])
def test_as_many_groups_are_read_however_often_owners_change(filled: Store, today: datetime, dates: int) -> None:
    compiled = dated(today - 40 * DAY, dates)
    selection = select(filled, today.timestamp() + 3_600, compiled.attribution, compiled.registry.horizons)
    assert len(selection.folds) == 40  # no day is read by minute for a date alone
    of_days = closed_groups(filled, selection)
    assert {group.kind for group in of_days} == {"nps", "visit"}
    # By two owners, kind, and by day or by minute.
    assert len(of_days) + len(open_groups(filled, selection)) <= 3 * 3 * 2 * 3


def figures_of(taken: snapshot.Snapshot) -> dict[tuple[str, ...], Balance]:
    return {
        (view, row.department, row.metric, row.horizon): row for view in VIEWS for row in taken.balances[view]
    }  # fmt: skip


def assert_same(taken: snapshot.Snapshot, wanted: snapshot.Snapshot) -> None:
    found, expected = figures_of(taken), figures_of(wanted)
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        for name in ("value", "ci_low", "ci_high", "n", "n_eff"):
            wanted_value = getattr(row, name)
            near = None if wanted_value is None else pytest.approx(wanted_value, rel=1e-9, abs=1e-9)
            assert getattr(found[key], name) == near, (key, name)
        same = ("first_at", "last_at", "suppressed")
        assert [getattr(found[key], name) for name in same] == [getattr(row, name) for name in same]


class Counted:
    """Counts the statements that read cells and folded days."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: list[str] = []
        result = store._result

        def counted(sql: str, parameters: dict[str, Any] | None) -> Any:
            self.texts.append(sql)
            return result(sql, parameters)

        monkeypatch.setattr(store, "_result", counted)

    def of(self, table: str) -> int:
        return sum(f"FROM {table} FINAL" in text for text in self.texts)


def test_figures_that_follow_read_no_folded_day_again_and_are_those_of_their_instant(
    filled: Store, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, kept = dated(today - 40 * DAY, 200), KeptClosedDays()
    now = today + timedelta(hours=1)
    counted = Counted(filled, monkeypatch)
    snapshot.compute(filled, compiled, now, closed=kept)
    first = counted.of("day_cells")
    following = snapshot.compute(filled, compiled, now + timedelta(hours=5), closed=kept)
    assert (first, counted.of("day_cells")) == (2, 2)
    assert_same(following, snapshot.compute(filled, compiled, now + timedelta(hours=5)))


def test_folded_days_are_read_again_when_one_was_folded_again_or_an_owner_changed(
    filled: Store, today: datetime
) -> None:
    compiled, kept = dated(today - 40 * DAY, 200), KeptClosedDays()
    now = today + timedelta(hours=1)
    snapshot.compute(filled, compiled, now, closed=kept)
    late = [event(f"late{n}", "nps", today - 3 * DAY, touchpoint="t1", score=0) for n in range(50)]
    filled.insert_facts(facts_of(late, compiled))
    list(minutes.refresh(filled, timedelta(seconds=3)))
    assert_same(snapshot.compute(filled, compiled, now, closed=kept), snapshot.compute(filled, compiled, now))
    list(days.fold(filled, compiled.registry.horizons))
    assert_same(snapshot.compute(filled, compiled, now, closed=kept), snapshot.compute(filled, compiled, now))
    other = dated(today - 40 * DAY, 300)
    assert_same(snapshot.compute(filled, other, now, closed=kept), snapshot.compute(filled, other, now))


def test_folded_days_and_minutes_give_the_same_figures_however_often_owners_change(
    filled: Store, today: datetime
) -> None:
    compiled, now = dated(today - 40 * DAY, 800), today + timedelta(hours=1)
    folded = snapshot.compute(filled, compiled, now)
    filled.command("TRUNCATE TABLE day_folds")
    assert_same(folded, snapshot.compute(filled, compiled, now))


@pytest.mark.parametrize("dates", [20, 2_000])
def test_as_much_is_kept_of_folded_days_however_often_owners_change(filled: Store, today: datetime, dates: int) -> None:
    compiled = dated(today - 40 * DAY, dates)
    selection = select(filled, today.timestamp() + 3_600, compiled.attribution, compiled.registry.horizons)
    kept = closed_days(filled, selection)
    for view in VIEWS:
        owners = {group.owners[view] for group in kept.groups[view]}
        assert len(kept.groups[view]) == len(owners) * 2  # one of each kind, by day and by minute together
        assert not any(group.daily for group in kept.groups[view])
        # Traffic and conversion_rate on two horizons, also of the company; of forty days one is kept by day.
        assert len(kept.folded[view]) == (len(owners) + 1) * 2 * 2
        assert all(len(each.apart) <= 1 for each in kept.folded[view].values())
