from datetime import timedelta

from streams.figures import minutes, snapshot
from streams.figures.rebuild import Progress, rebuild
from streams.figures.reconcile import hidden_copies, mismatched_minutes
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import NOON, event, facts_of

HOUR = timedelta(hours=1)
EVENTS = [event(number, at=NOON + timedelta(minutes=number % 7), score=number % 11) for number in range(40)]


def refresh(store: Store) -> None:
    for _ in minutes.refresh(store, timedelta(minutes=5)):
        pass


def cell_rows(store: Store) -> list[dict[str, object]]:
    return store.query("SELECT * FROM cells_latest ORDER BY ALL")


def test_cells_that_were_spoilt_are_found_and_computed_again_from_facts(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of(EVENTS, compiled))
    refresh(store)
    good = cell_rows(store)
    assert mismatched_minutes(store, NOON - HOUR, NOON + HOUR) == 0
    # A cell that counts too much, one that is gone, and one that never had facts.
    store.command(
        "INSERT INTO cells SELECT * REPLACE (n + 1 AS n, now64(6) AS refreshed_at) FROM cells WHERE minute = "
        "(SELECT min(minute) FROM cells)"
    )
    store.command(
        "INSERT INTO cells SELECT * REPLACE (0 AS n, now64(6) AS refreshed_at) FROM cells WHERE minute = "
        "(SELECT max(minute) FROM cells)"
    )
    store.command(
        "INSERT INTO cells SELECT * REPLACE ('ghost' AS touchpoint, now64(6) AS refreshed_at) FROM cells LIMIT 1"
    )
    assert mismatched_minutes(store, NOON - HOUR, NOON + HOUR) == 2
    steps = list(rebuild(store, compiled, NOON - HOUR, NOON + HOUR))
    assert steps[0] == Progress("minutes", 7, 7)
    assert steps[-1].what == "days"
    assert steps[-1].done == steps[-1].total
    assert mismatched_minutes(store, NOON - HOUR, NOON + HOUR) == 0
    assert cell_rows(store) == good


def test_only_the_time_that_was_asked_for_is_touched(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(EVENTS, compiled))
    steps = list(rebuild(store, compiled, NOON, NOON + timedelta(minutes=3)))
    assert [step for step in steps if step.what == "minutes"] == [Progress("minutes", 3, 3)]
    assert len({row["minute"] for row in cell_rows(store)}) == 3


def test_stored_figures_follow(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(EVENTS, compiled))
    refresh(store)
    at = NOON + timedelta(minutes=30)
    snapshot.save(store, snapshot.compute(store, compiled, at))
    before = store.query("SELECT * FROM balances_latest ORDER BY ALL")
    store.command("INSERT INTO balances SELECT * REPLACE (99 AS value) FROM balances")
    assert store.query("SELECT * FROM balances_latest ORDER BY ALL") != before
    assert list(rebuild(store, compiled, NOON - HOUR, NOON + HOUR))[-1] == Progress("snapshots", 1, 1)
    assert store.query("SELECT * FROM balances_latest ORDER BY ALL") == before


def test_copies_that_final_hides_are_counted(store: Store, compiled: CompiledRegistry) -> None:
    store.command("SYSTEM STOP MERGES events")
    store.insert_facts(facts_of(EVENTS, compiled))
    assert hidden_copies(store, NOON - HOUR) == 0
    store.insert_facts(facts_of(EVENTS[:10], compiled))
    assert hidden_copies(store, NOON - HOUR) == 10
    assert hidden_copies(store, NOON + HOUR) == 0


def test_nothing_stored_is_nothing_to_do(store: Store, compiled: CompiledRegistry) -> None:
    assert list(rebuild(store, compiled, NOON - HOUR, NOON + HOUR)) == []


def test_figures_recorded_by_an_earlier_edition_are_hidden_until_they_are_computed_again(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of(EVENTS, compiled))
    refresh(store)
    odd = NOON + timedelta(minutes=9, seconds=31)
    snapshot.save(store, snapshot.compute(store, compiled, odd))
    views = [f"SELECT * FROM {table}_latest ORDER BY ALL" for table in ("balances", "scorecards")]
    today = [store.query(view) for view in views]
    assert all(today)
    for table, column in (("balances", "n_eff"), ("scorecards", "weight_balance")):
        store.command(f"INSERT INTO {table} SELECT * REPLACE (1 AS edition, 0.5 AS {column}) FROM {table}")
    assert [store.query(view) for view in views] == [[], []]
    list(rebuild(store, compiled, NOON - HOUR, NOON + HOUR))
    assert [store.query(view) for view in views] == today
