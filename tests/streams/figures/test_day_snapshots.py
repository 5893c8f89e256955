"""The ends of days have the figures of their instant, whenever their days were imported."""

from dataclasses import asdict
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.cli.rebuild import RECORDED
from streams.figures import day_snapshots, minutes, snapshot
from streams.figures.day_snapshots import PAST_EVERY_S, due
from streams.figures.day_states import DayState
from streams.figures.edition import EDITION
from streams.figures.rebuild import Progress, past_days
from streams.figures.refresh import Refresher
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.settings.settings import RefreshSettings
from streams.store.client import Store
from streams.timestamps import EPOCH
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import REGISTRY, event, facts_of, rules_of

DAYS = 9
KEY_OF = itemgetter("view", "department", "metric", "horizon")
Ends = dict[datetime, list[dict[str, Any]]]


@pytest.fixture
def first(today: datetime) -> datetime:
    """The begin of a history that ends three days ago: the days after it have figures as well."""
    return today - timedelta(days=DAYS)


@pytest.fixture
def text(first: datetime) -> str:
    return REGISTRY.replace("2026-04-01", f"{first + timedelta(days=3):%F}")


@pytest.fixture
def rules(text: str) -> CompiledRegistry:
    return rules_of(text)


@pytest.fixture
def ends(first: datetime) -> list[datetime]:
    return [first + timedelta(days=day) for day in range(1, DAYS + 1)]


@pytest.fixture
def refresher(store: Store, text: str, tmp_path: Path) -> Refresher:
    path = tmp_path / "registry.toml"
    path.write_text(text)
    return Refresher(store, RegistryWatcher(path), RefreshSettings(snapshot_s=10**9), lambda: True)


def imported(store: Store, rules: CompiledRegistry, first: datetime) -> None:
    kinds = ("nps", "visit", "conversion", "csat", "repeat_purchase")
    store.insert_facts(
        facts_of(
            [
                event(
                    n, kinds[n % 5], first + timedelta(minutes=28 * n), customer=f"c{n % 40}",
                    count=n % 7 + 1 if kinds[n % 5] == "visit" else None, touchpoint=("web.cart", "fair")[n % 2],
                )
                for n in range(300)
            ],
            rules,
        )
    )  # fmt: skip


def recorded(store: Store) -> Ends:
    """What dashboards read, by instant."""
    found: Ends = {}
    for row in store.query("SELECT * EXCEPT (registry_version, edition) FROM balances_latest"):
        found.setdefault(row["at"], []).append(row)
    return found


def computed(store: Store, rules: CompiledRegistry, ends: list[datetime]) -> Ends:
    """What `cxb balances --at` shows of these instants."""
    return {
        at: [asdict(row) for view in snapshot.compute(store, rules, at).balances.values() for row in view]
        for at in ends
    }


def assert_same(one: Ends, other: Ends) -> None:
    assert sorted(one) == sorted(other)
    for at, rows in one.items():
        for mine, theirs in zip(sorted(rows, key=KEY_OF), sorted(other[at], key=KEY_OF), strict=True):
            assert mine == {
                name: pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value
                for name, value in theirs.items()
            }


def until_recorded(refresher: Refresher, today: datetime, begin_s: float) -> float:
    """Refreshes, by a clock that counts on, until a look finds nothing due; gives what it shows then."""
    for step in range(100):
        refresher.refresh(begin_s + step * PAST_EVERY_S, today + timedelta(minutes=1))
        if step and not refresher.past_days.due:
            return begin_s + (step + 1) * PAST_EVERY_S * 100
    raise AssertionError("still due")


@pytest.mark.long
def test_the_end_of_each_day_of_an_imported_history_has_the_figures_of_its_instant_and_late_facts_change_them(
    store: Store, rules: CompiledRegistry, refresher: Refresher, today: datetime, ends: list[datetime]
) -> None:
    first = ends[0] - timedelta(days=1)
    imported(store, rules, first)
    next_s = until_recorded(refresher, today, 0.0)
    by_service = {at: rows for at, rows in recorded(store).items() if at in ends}
    assert_same(by_service, computed(store, rules, ends))
    assert len(store.query("SELECT DISTINCT at FROM scorecards_latest")) >= len(ends)
    store.insert_facts(facts_of([event("late", "nps", first + timedelta(days=4), score=1, customer="c1")], rules))
    until_recorded(refresher, today, next_s)
    after = {at: rows for at, rows in recorded(store).items() if at in ends}
    assert_same(after, computed(store, rules, ends))
    n_of = {at: sum(row["n"] for row in after[at]) - sum(row["n"] for row in by_service[at]) for at in ends}
    assert [at for at in ends if n_of[at]] == ends[4:]


@pytest.mark.long
def test_a_rebuild_of_past_days_goes_on_where_it_was_cut_off_and_is_idempotent(
    store: Store, rules: CompiledRegistry, first: datetime, ends: list[datetime]
) -> None:
    imported(store, rules, first)
    list(minutes.refresh(store, timedelta(seconds=3)))
    steps = past_days(store, rules)
    for step in steps:
        if step == Progress("snapshots", 4, DAYS):
            break
    steps.close()  # type: ignore[attr-defined]
    # The fourth was written and not noted by us: it is written again, or not.
    assert len(recorded(store)) == 4
    left = [step for step in past_days(store, rules) if step.what == "snapshots"]
    assert left[-1].done == left[-1].total <= 6
    assert_same(recorded(store), computed(store, rules, ends))
    before = recorded(store)
    assert [step for step in past_days(store, rules) if step.what == "snapshots"] == []
    assert recorded(store) == before


@pytest.mark.long
def test_under_another_registry_of_the_same_version_all_are_written_again_by_a_rebuild_alone(
    store: Store, rules: CompiledRegistry, text: str, first: datetime, engine: EngineProcess, tmp_path: Path
) -> None:
    imported(store, rules, first)
    list(minutes.refresh(store, timedelta(seconds=3)))
    list(past_days(store, rules))
    other = tmp_path / "other.toml"
    other.write_text(text.replace('owner = "marketing"', 'owner = "logistics"'))
    assert day_snapshots.due_in(store, rules_of(other.read_text()), of_any_registry=True) == []
    said = cxb("rebuild", "--snapshots", **environment_of(engine, store, other))
    assert (said.exit_code, said.stderr) == (0, RECORDED.format(snapshots=DAYS, outdated=0) + "\n")
    owners = {row["department"] for rows in recorded(store).values() for row in rows if row["view"] == "as_was"}
    assert "logistics" in owners
    for more, problem in (("--only-days", "it folds days as well"), ("--from=2026-01-01", "leave out --from and --to")):
        refused = cxb("rebuild", "--snapshots", more, **environment_of(engine, store, other))
        assert (refused.exit_code, problem in refused.stderr) == (2, True)


@pytest.mark.long
def test_what_an_earlier_edition_recorded_is_due_and_not_shown(
    store: Store, rules: CompiledRegistry, first: datetime, ends: list[datetime]
) -> None:
    imported(store, rules, first)
    list(minutes.refresh(store, timedelta(seconds=3)))
    list(past_days(store, rules))
    for table in ("balances", "day_snapshots"):
        store.command(f"ALTER TABLE {table} UPDATE edition = {EDITION - 1} WHERE true SETTINGS mutations_sync = 2")
    assert recorded(store) == {}
    assert len(day_snapshots.due_in(store, rules, of_any_registry=True)) == DAYS
    list(past_days(store, rules))
    assert_same(recorded(store), computed(store, rules, ends))


VERSIONS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12)


@given(VERSIONS, st.integers(0, 12))
def test_a_days_end_is_due_while_a_day_up_to_it_is_folded_otherwise_than_its_figures_reflect(
    versions: list[tuple[int, int]], today: int
) -> None:
    now = [hash(tuple(of_now for of_now, _ in versions[: day + 1])) for day in range(len(versions))]
    noted = [hash(tuple(then for _, then in versions[: day + 1])) for day in range(len(versions))]
    written = EPOCH + timedelta(seconds=1)
    states = [DayState(day, *both, 1, 1, written) for day, both in enumerate(zip(now, noted, strict=True))]
    found = due(states, today, None)
    assert [day.day for day in found] == sorted((day.day for day in found), reverse=True)
    wanted = {day for day in range(min(today, len(versions))) if any(new != old for new, old in versions[: day + 1])}
    assert {day.day for day in found} == wanted
    again = [DayState(state.day, state.folds, state.folds, 1, 1, written) for state in states]
    assert due(again, today, None) == []
    assert len(due(again, today, 2)) == min(today, len(states))
    never = [DayState(state.day, 0, 0, 0, 0, EPOCH) for state in states]
    assert len(due(never, today, None)) == min(today, len(states))
