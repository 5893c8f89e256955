import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streams.figures import minutes, snapshot
from streams.figures.edition import EDITION
from streams.figures.snapshot import NOT_STORED, as_json
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import rfc3339
from tests.streams.given import NOON, REGISTRY, event, facts_of, rules_of

MARCH = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def landed(store: Store, compiled: CompiledRegistry) -> Store:
    """Twenty answers of March, when marketing owned the web, and ten visits of April, when sales does."""
    answers = [event(n, score=10 if n % 2 else 0, at=MARCH) for n in range(20)]
    store.insert_facts(facts_of([*answers, event("v", "visit", count=10)], compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    return store


def test_the_owner_at_the_time_and_todays_owner_are_two_views_of_the_same_cells(
    landed: Store, compiled: CompiledRegistry
) -> None:
    computed = snapshot.compute(landed, compiled, NOON + timedelta(hours=1))
    owners = {view: {row.department for row in rows if row.metric == "nps"} for view, rows in computed.balances.items()}
    assert owners == {"as_was": {"marketing", "company"}, "as_is": {"sales", "company"}}
    assert {card.department for card in computed.scorecards["as_was"]} == {"marketing", "sales", "company"}


def test_only_the_views_that_were_asked_for_are_computed(landed: Store, compiled: CompiledRegistry) -> None:
    computed = snapshot.compute(landed, compiled, NOON, ("as_is",))
    assert (set(computed.balances), set(computed.scorecards)) == ({"as_is"}, {"as_is"})


def test_history_can_be_asked_before_anything_happened(landed: Store, compiled: CompiledRegistry) -> None:
    computed = snapshot.compute(landed, compiled, MARCH - timedelta(days=1))
    assert list(computed.balances["as_was"]) == []
    assert list(computed.scorecards["as_was"]) == []


def test_another_registry_is_another_fold_and_touches_no_fact(landed: Store, compiled: CompiledRegistry) -> None:
    before = landed.query("SELECT * FROM events ORDER BY event_id")
    what_if = rules_of(REGISTRY.replace('owner = "marketing"', 'owner = "logistics"'))
    computed = snapshot.compute(landed, what_if, NOON)
    assert {row.department for row in computed.balances["as_was"] if row.metric == "nps"} == {"logistics", "company"}
    assert landed.query("SELECT * FROM events ORDER BY event_id") == before


def stored(row: dict[str, Any]) -> dict[str, Any]:
    """What its table has of a row."""
    return {name: value for name, value in row.items() if name not in NOT_STORED}


def test_what_is_saved_is_read_back_with_the_registrys_version(landed: Store, compiled: CompiledRegistry) -> None:
    taken = snapshot.compute(landed, compiled, NOON + timedelta(milliseconds=250))
    snapshot.save(landed, taken)
    snapshot.save(landed, taken)  # by the other refresher: nothing breaks
    for table, by_view in (("balances", taken.balances), ("scorecards", taken.scorecards)):
        saved = landed.query(f"SELECT * FROM {table}_latest ORDER BY view, department")
        rows = [row for view in by_view.values() for row in view]
        assert len(saved) == len(rows) > 0
        assert {(row.pop("registry_version"), row.pop("edition")) for row in saved} == {("v1", EDITION)}
        wanted = {json.dumps(stored(row), sort_keys=True) for row in as_json(rows)}
        assert {json.dumps(row, sort_keys=True, default=rfc3339) for row in saved} == wanted


def test_nothing_is_saved_of_an_empty_snapshot(store: Store, compiled: CompiledRegistry) -> None:
    snapshot.save(store, snapshot.compute(store, compiled, NOON))
    assert store.query("SELECT count() AS n FROM balances") == [{"n": 0}]


def test_json_rows_have_the_columns_of_their_tables(landed: Store, compiled: CompiledRegistry) -> None:
    computed = snapshot.compute(landed, compiled, NOON)
    for table, rows in (("balances", computed.balances["as_was"]), ("scorecards", computed.scorecards["as_was"])):
        names = landed.query(
            "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String} "
            "AND name NOT IN ('registry_version', 'edition', 'reflects') ORDER BY position",
            {"table": table},
        )
        shown = json.loads(json.dumps(as_json(rows)))
        assert [list(stored(row)) for row in shown] == [[row["name"] for row in names]] * len(rows)
        beyond = NOT_STORED if table == "scorecards" else ()
        assert {frozenset(row.keys() - stored(row).keys()) for row in shown} == {frozenset(beyond)}


SHOWN = """SELECT view, department, metric, horizon, registry_version FROM balances_latest
WHERE at = '2026-04-01 12:00:00'"""


def test_what_has_no_figure_any_more_under_another_registry_is_gone_from_an_instant_that_is_recorded_again(
    landed: Store, compiled: CompiledRegistry
) -> None:
    other = rules_of(
        REGISTRY.replace('owner = "marketing"', 'owner = "logistics"').replace('version = "v1"', 'version = "v2"')
    )
    snapshot.record(landed, compiled, NOON - timedelta(hours=1))
    for rules, version in ((compiled, "v1"), (other, "v2"), (compiled, "v1")):
        taken = snapshot.record(landed, rules, NOON)
        shown = {tuple(row.values()) for row in landed.query(SHOWN)}
        assert shown == {
            (view, row.department, row.metric, row.horizon, version)
            for view, rows in taken.balances.items()
            for row in rows
        }
        cards = landed.query("SELECT view, department FROM scorecards_latest WHERE at = '2026-04-01 12:00:00'")
        assert sorted((row["view"], row["department"]) for row in cards) == sorted(
            (view, card.department) for view, of in taken.scorecards.items() for card in of
        )
        owners = {department for view, department, metric, *_ in shown if (view, metric) == ("as_was", "nps")}
        assert owners == {"company", "marketing" if version == "v1" else "logistics"}
    before = landed.query(SHOWN.replace("12:00", "11:00"))
    assert {row["department"] for row in before} == {"company", "marketing", "sales"}


def test_an_instant_of_which_nothing_is_left_shows_nothing(landed: Store, compiled: CompiledRegistry) -> None:
    taken = snapshot.record(landed, compiled, NOON)
    snapshot.save(landed, replace(taken, balances={}, scorecards={}))
    snapshot.save(landed, replace(taken, balances={}, scorecards={}))
    for table in ("balances", "scorecards"):
        assert landed.query(f"SELECT 1 FROM {table}_latest") == []
