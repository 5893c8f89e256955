from collections import defaultdict
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from metrics.events import facts
from metrics.registry import Horizons
from streams.figures import batches, minutes
from streams.figures.groups import open_groups
from streams.figures.reconcile import mismatched_minutes
from streams.figures.selection import select
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.clock import store_time
from tests.streams.given import NOON, REGISTRY, event, facts_of, rules_of

OVERLAP = timedelta(seconds=3)
FIGURES = ("n", "sum_score", "sum_score_sq", "promoters", "passives", "detractors", "satisfied", "sum_count")
ALL_KINDS = [
    event(1, "nps", score=10),
    event(2, "nps", score=9, touchpoint="delivery.van"),
    event(3, "nps", score=8),
    event(4, "nps", score=7),
    event(5, "nps", score=6),
    event(6, "nps", score=0, segment="smb", region="it-north"),
    event(7, "csat", score=5),
    event(8, "csat", score=4),
    event(9, "csat", score=3),
    event(10, "ces", score=7),
    event(11, "visit", count=1_000_000_000),
    event(12, "visit"),
    event(13, "awareness", count=7, at=NOON + timedelta(minutes=1)),
    event(14, "conversion", amount="999999999999.9999", currency="EUR"),
    event(15, "conversion", amount="0.0001", currency="EUR"),
    event(16, "conversion", amount="5", currency="USD"),
    event(17, "conversion"),
    event(18, "contact", at=datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    event(19, "churn", at=datetime(2105, 1, 1, tzinfo=UTC)),
]


def refresh(store: Store, overlap: timedelta = OVERLAP) -> int:
    """One refresh; how many minutes it recomputed."""
    return list(minutes.refresh(store, overlap))[-1][1]


def shown(store: Store) -> dict[tuple[Any, ...], dict[str, Any]]:
    rows = store.query("SELECT * FROM cells_latest")
    return {tuple(row[name] for name in ("minute", "touchpoint", "segment", "region", "kind")): row for row in rows}


def recounted(events: Sequence[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The cells of distinct events, counted in Python."""
    by_cell: defaultdict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for item in events:
        minute = datetime.fromisoformat(item["occurred_at"]).replace(second=0, microsecond=0)
        by_cell[minute, item["touchpoint"], item.get("segment", ""), item.get("region", ""), item["kind"]].append(item)
    return {key: _cell(key[-1], items) for key, items in by_cell.items()}


def _cell(kind: str, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    scores = [item.get("score", 0) for item in items]
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        if "amount" in item:
            amounts[item["currency"]] += Decimal(item["amount"])
    return {
        "n": len(items),
        "sum_score": sum(scores),
        "sum_score_sq": sum(score**2 for score in scores),
        "promoters": sum(score >= 9 for score in scores) if kind == "nps" else 0,
        "passives": sum(score in (7, 8) for score in scores) if kind == "nps" else 0,
        "detractors": sum(score <= 6 for score in scores) if kind == "nps" else 0,
        "satisfied": sum(score >= 4 for score in scores) if kind == "csat" else 0,
        "sum_count": sum(item.get("count", 1) for item in items),
        "amount_by_currency": dict(amounts),
    }


def assert_shows(store: Store, events: Sequence[dict[str, Any]]) -> None:
    got, wanted = shown(store), recounted(events)
    assert set(got) == set(wanted)
    for key, cell in wanted.items():
        assert {name: got[key][name] for name in cell} == cell, key


def test_cells_are_a_recount_of_the_facts(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(ALL_KINDS, compiled))
    assert refresh(store) == 4
    assert_shows(store, ALL_KINDS)


def test_facts_that_come_late_repeated_and_in_pieces_give_the_same_cells(
    store: Store, compiled: CompiledRegistry
) -> None:
    for part in (ALL_KINDS[9:], ALL_KINDS[:4], ALL_KINDS[3:12], ALL_KINDS[::-1]):
        store.insert_facts(facts_of(part, compiled))
        refresh(store)
    assert_shows(store, ALL_KINDS)


def test_a_fact_sent_again_to_another_touchpoint_leaves_no_trace_of_the_first(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of([event(1), event(2, touchpoint="web.cart")], compiled))
    refresh(store)
    moved = event(1, touchpoint="delivery.van", score=9, segment="smb")
    store.insert_facts(facts_of([moved], compiled))
    refresh(store)
    assert_shows(store, [moved, event(2, touchpoint="web.cart")])
    zero = store.query("SELECT n, sum_score, amount_by_currency FROM cells FINAL WHERE touchpoint = 'web.checkout'")
    assert zero == [{"n": 0, "sum_score": 0, "amount_by_currency": {}}]


def test_a_fact_sent_again_with_another_score_counts_with_the_last(store: Store, compiled: CompiledRegistry) -> None:
    for score in (2, 10, 7):
        store.insert_facts(facts_of([event(1, score=score)], compiled))
        refresh(store)
    assert_shows(store, [event(1, score=7)])


def test_a_cell_that_was_emptied_fills_again(store: Store, compiled: CompiledRegistry) -> None:
    for item in (event(1), event(1, touchpoint="web.cart"), event(1)):
        store.insert_facts(facts_of([item], compiled))
        refresh(store)
    assert_shows(store, [event(1)])


def test_a_fact_that_was_deleted_leaves_its_cell(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of([event(1), event(2, "csat")], compiled))
    refresh(store)
    store.command("ALTER TABLE events DELETE WHERE kind = 'csat' SETTINGS mutations_sync = 2")
    minutes.recompute(store, [int(NOON.timestamp())])
    assert_shows(store, [event(1)])


def test_two_refreshes_at_once_give_the_same_as_one(store: Store, compiled: CompiledRegistry) -> None:
    events = [event(number, at=NOON + timedelta(minutes=number % 50)) for number in range(500)]
    store.insert_facts(facts_of(events, compiled))
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: refresh(store), range(4)))
    assert_shows(store, events)


def test_refreshes_beside_inserts_reflect_everything_in_the_end(store: Store, compiled: CompiledRegistry) -> None:
    events = [event(number, at=NOON + timedelta(minutes=number % 7)) for number in range(300)]
    with ThreadPoolExecutor(3) as threads:
        landing = [threads.submit(store.insert_facts, facts_of(events[n::30], compiled)) for n in range(30)]
        refreshing = threads.submit(lambda: [refresh(store) for _ in range(10)])
        for future in landing:
            future.result()
        refreshing.result()
    refresh(store)
    assert_shows(store, events)


def test_only_minutes_that_received_facts_are_recomputed(store: Store, compiled: CompiledRegistry) -> None:
    assert minutes.refreshed_upto(store) is None
    assert refresh(store) == 0
    first = minutes.refreshed_upto(store)
    store.insert_facts(facts_of([event(1), event(2, at=NOON + timedelta(minutes=5))], compiled))
    assert refresh(store, timedelta(0)) == 2
    assert refresh(store, timedelta(0)) == 0
    second = minutes.refreshed_upto(store)
    assert first is not None
    assert second is not None
    assert first < second <= store_time(store)


def test_what_a_sweep_finds_again_waits_for_what_is_due(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MINUTES_AT_ONCE", 1)
    monkeypatch.setattr(batches, "SPARSE_MINUTES_AT_ONCE", 1)
    changes = minutes.Changes(store)
    store.insert_facts(facts_of([event(1), event(2, at=NOON - timedelta(hours=1))], compiled))
    changes.look(timedelta(0))
    assert list(changes.recompute()) == [(1, 2), (2, 2), (2, 2)]
    store.insert_facts(facts_of([event(3, at=NOON - timedelta(hours=2))], compiled))
    changes.look(timedelta(0), timedelta(minutes=5))
    work = changes.recompute()
    assert next(work) == (1, 3)
    assert store.query("SELECT min(minute) AS minute FROM cells")[0]["minute"] == NOON - timedelta(hours=2)
    assert list(work) == [(2, 3), (3, 3), (3, 3)]


def test_where_nothing_changes_few_refreshes_are_noted(store: Store, compiled: CompiledRegistry) -> None:
    changes = minutes.Changes(store)

    def noted() -> int:
        changes.look(timedelta(0))
        list(changes.recompute())
        return int(store.query("SELECT count() AS n FROM refreshes")[0]["n"])

    assert [noted(), noted(), noted()] == [1, 1, 1]
    store.insert_facts(facts_of([event(1)], compiled))
    assert noted() == 2


def test_an_insert_dated_before_the_last_refresh_and_seen_after_it_is_found_by_the_sweep(
    store: Store, compiled: CompiledRegistry
) -> None:
    refresh(store)
    begun = store_time(store) - timedelta(minutes=2)
    columns = facts_of([event(1)], compiled)
    store.insert("events", [*facts.COLUMNS, "ingested_at"], [*columns, [begun]])
    assert refresh(store, timedelta(seconds=3)) == 0
    assert shown(store) == {}
    assert refresh(store, timedelta(minutes=5)) == 1
    assert_shows(store, [event(1)])


def test_a_refresh_that_was_cut_off_is_made_up_for_by_the_next(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(ALL_KINDS, compiled))
    cut_off = minutes.refresh(store, OVERLAP)
    assert isinstance(cut_off, Generator)
    next(cut_off)
    cut_off.close()
    assert minutes.refreshed_upto(store) is None
    assert refresh(store, timedelta(0)) == 4
    assert_shows(store, ALL_KINDS)


def test_many_minutes_are_recomputed_in_several_statements(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MINUTES_AT_ONCE", 3)
    monkeypatch.setattr(batches, "SPARSE_MINUTES_AT_ONCE", 3)
    events = [event(number, at=NOON + timedelta(days=number)) for number in range(7)]
    store.insert_facts(facts_of(events, compiled))
    assert list(minutes.refresh(store, OVERLAP)) == [(3, 7), (6, 7), (7, 7), (7, 7)]
    assert_shows(store, events)


def test_the_reconciliation_finds_what_differs_from_a_recount(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of([event(1), event(2, at=NOON + timedelta(minutes=1))], compiled))
    span = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
    assert mismatched_minutes(store, *span) == 2
    refresh(store)
    assert mismatched_minutes(store, *span) == 0
    store.insert_facts(facts_of([event(3)], compiled))
    assert mismatched_minutes(store, *span) == 1


def test_sums_of_groups_are_weighted_sums_over_the_facts(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(ALL_KINDS, compiled))
    refresh(store)
    rules = rules_of(REGISTRY + '[[ownership]]\ntouchpoint = "web.*"\nsegment = "smb"\nowner = "logistics"\n')
    at, horizons = NOON + timedelta(days=14), Horizons(short_s=7 * 86_400.0, long_s=90 * 86_400.0)
    by_key = {
        (group.owners["as_was"], group.kind): group
        for group in open_groups(store, select(store, at.timestamp(), rules.attribution, horizons))
    }
    assert ("sales", "churn") not in by_key  # of the future
    nps = by_key["sales", "nps"].sums["short"]
    assert (nps.n, nps.first) == (4, int(NOON.timestamp()))
    assert (nps.w, nps.w2) == pytest.approx((4 / 4, 4 / 16))
    assert (nps.promoters, nps.detractors) == pytest.approx((1 / 4, 1 / 4))
    assert (nps.score, nps.score_sq) == pytest.approx((31 / 4, (100 + 64 + 49 + 36) / 4))
    visits = by_key["sales", "visit"].sums["short"]
    assert (visits.n, visits.w) == (1_000_000_001, pytest.approx(1_000_000_001 / 4))
    old = by_key["marketing", "contact"].sums["short"]
    assert (old.n, old.first) == (0, int(datetime(1999, 12, 31, 23, 59, tzinfo=UTC).timestamp()))
    assert by_key["logistics", "nps"].sums["short"].n > 0


def test_groups_are_cut_where_a_rule_begins_or_ends(store: Store, compiled: CompiledRegistry) -> None:
    boundary = int(datetime(2026, 4, 1, tzinfo=UTC).timestamp())
    instants = [datetime.fromtimestamp(boundary + shift, UTC) for shift in (-60, -1, 0, 59)]
    store.insert_facts(facts_of([event(n, at=at) for n, at in enumerate(instants)], compiled))
    refresh(store)
    parts = open_groups(store, select(store, boundary + 3600.0, compiled.attribution, Horizons()))
    found = {group.owners["as_was"]: (group.sums["short"].first - boundary, group.sums["short"].n) for group in parts}
    assert found == {"marketing": (-60, 2), "sales": (0, 2)}
