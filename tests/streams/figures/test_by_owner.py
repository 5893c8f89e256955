"""Customers with several answers: n_eff counts each once, whatever becomes of their events."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from metrics.events.pseudonyms import pseudonyms
from metrics.figures.balances import Balance, View
from streams.figures import days, edition, minutes, repeats, snapshot
from streams.figures.edition import BeingRenewed
from streams.figures.rebuild import rebuild
from streams.figures.reconcile import mismatched
from streams.operations.erase import erase_from_store
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import KEY, NOON, event, facts_of

AT = NOON + timedelta(minutes=1)


def land(store: Store, compiled: CompiledRegistry, *events: dict[str, Any]) -> None:
    store.insert_facts(facts_of(events, compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))


def answers(*customers: str | None, first: int = 0, at: datetime = NOON, **fields: Any) -> list[dict[str, Any]]:
    return [
        event(first + number, at=at, customer=customer, score=9, **fields) for number, customer in enumerate(customers)
    ]


def figure(
    store: Store, compiled: CompiledRegistry, department: str = "company", view: View = "as_was", metric: str = "nps",
    at: datetime = AT,
) -> Balance:  # fmt: skip
    rows = snapshot.compute(store, compiled, at).balances[view]
    [found] = [row for row in rows if (row.department, row.metric, row.horizon) == (department, metric, "short")]
    return found


def test_all_answers_of_a_customer_are_one_observation(store: Store, compiled: CompiledRegistry) -> None:
    land(store, compiled, *answers(*["ann"] * 8, "bob", "carl", None, None))
    found = figure(store, compiled)
    assert (found.n, found.n_eff, found.sampled_one_in) == (12, pytest.approx(144 / (64 + 4)), 1)


def test_answers_come_together_across_minutes_days_and_touchpoints_but_not_across_metrics(
    store: Store, compiled: CompiledRegistry
) -> None:
    land(store, compiled, *answers("ann", "bob", "carl"))
    assert figure(store, compiled).n_eff == pytest.approx(3)
    earlier = NOON - timedelta(days=7)  # half the weight
    land(store, compiled, *answers("ann", first=10, at=earlier, touchpoint="delivery.slot"))
    land(store, compiled, event(20, "csat", customer="bob"))
    list(days.fold(store, compiled.registry.horizons))
    assert figure(store, compiled).n_eff == pytest.approx(3.5**2 / (1.5**2 + 2), rel=1e-3)
    assert figure(store, compiled, metric="csat").n_eff == pytest.approx(1)


def test_purchases_of_a_customer_come_together_first_and_repeated_ones(
    store: Store, compiled: CompiledRegistry
) -> None:
    kinds = ("conversion", "repeat_purchase", "repeat_purchase")
    land(store, compiled, *(event(n, kind, customer="ann") for n, kind in enumerate(kinds)))
    found = figure(store, compiled, metric="repeat_rate")
    assert (found.n, found.n_eff) == (3, pytest.approx(1))


def test_who_counts_for_whom_follows_the_view(store: Store, compiled: CompiledRegistry) -> None:
    # In April the web went from marketing to sales.
    march = NOON - timedelta(days=20)
    land(store, compiled, *answers("ann", "ann"), *answers("ann", first=10, at=march))
    assert figure(store, compiled, "sales", "as_was").n_eff == pytest.approx(1)
    assert figure(store, compiled, "marketing", "as_was").n_eff == pytest.approx(1)
    assert figure(store, compiled, "sales", "as_is").n_eff == pytest.approx(1)
    assert figure(store, compiled, "sales", "as_is").n == 3


def mismatches(store: Store) -> list[int]:
    return mismatched(store, [int(NOON.timestamp()) + shift for shift in (-60, 0, 60)])


def test_an_answer_sent_again_under_another_name_leaves_no_trace_of_the_first(
    store: Store, compiled: CompiledRegistry
) -> None:
    land(store, compiled, *answers("ann", "ann", "bob"))
    assert figure(store, compiled).n_eff == pytest.approx(9 / 5)
    land(store, compiled, *answers("dora", "carl"))
    assert figure(store, compiled).n_eff == pytest.approx(3)
    assert mismatches(store) == []


def test_the_same_answers_again_count_once_and_a_rebuild_changes_nothing(
    store: Store, compiled: CompiledRegistry
) -> None:
    sent = answers("ann", "ann", "bob")
    for _ in range(3):
        land(store, compiled, *sent)
    assert figure(store, compiled).n_eff == pytest.approx(9 / 5)
    for table in ("cells", "answers", "repeat_answers"):
        store.command(f"TRUNCATE TABLE {table}")
    assert mismatches(store) == [int(NOON.timestamp())]
    list(rebuild(store, compiled, NOON, AT))
    assert figure(store, compiled).n_eff == pytest.approx(9 / 5)
    assert mismatches(store) == []


def test_an_erased_person_is_in_no_table_and_counts_no_more(store: Store, compiled: CompiledRegistry) -> None:
    land(store, compiled, *answers("ann", "ann", "ann", "bob", "bob", "carl"))
    copied = store.query("SELECT * FROM repeat_answers WHERE n = 3")
    erase_from_store(store, pseudonyms("ann", (KEY,)), lambda: None, NOON + timedelta(days=1))
    assert (figure(store, compiled).n, figure(store, compiled).n_eff) == (3, pytest.approx(9 / 5))
    for table in ("answers", "repeat_answers"):
        assert store.query(f"SELECT uniqExact(customer) AS n FROM {table}")[0]["n"] == (2 if table == "answers" else 1)
    # A refresh that read the facts before and was that slow: what it writes does not count.
    store.insert("repeat_answers", tuple(copied[0]), tuple([value] for value in copied[0].values()))
    assert figure(store, compiled).n_eff == pytest.approx(9 / 5)


def many(customers: int) -> Iterator[dict[str, Any]]:
    for number in range(customers):
        for again in range(2 + number % 3):
            yield event(f"{number}-{again}", at=NOON - timedelta(hours=number % 50), customer=f"c{number}", score=9)


def test_of_many_customers_some_stand_for_all_and_the_figure_says_so(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(store, compiled, *many(3000))
    exact = figure(store, compiled)
    assert exact.sampled_one_in == 1
    monkeypatch.setattr(repeats, "ROWS_READ", 1000)
    assert figure(store, compiled) == exact  # few enough of them, though many rows
    monkeypatch.setattr(repeats, "MOST_REPEATING", 1000)
    sampled = figure(store, compiled)
    assert sampled.sampled_one_in == 3
    assert sampled.n_eff == pytest.approx(exact.n_eff, rel=0.1)
    assert (sampled.value, sampled.n) == (exact.value, exact.n)


def test_figures_of_an_earlier_edition_are_refused_until_a_refresh_has_computed_all_again(
    store: Store, compiled: CompiledRegistry
) -> None:
    land(store, compiled, *answers("ann", "ann", "bob"), event("v", "visit", NOON - timedelta(days=3), count=7))
    by_minute = snapshot.compute(store, compiled, AT)
    list(days.fold(store, compiled.registry.horizons))
    by_day = snapshot.compute(store, compiled, AT)
    for table in ("editions", "answers", "repeat_answers"):
        store.command(f"TRUNCATE TABLE {table}")
    store.command("ALTER TABLE cells UPDATE sum_count_sq = 0 WHERE true SETTINGS mutations_sync = 2")
    store.command("ALTER TABLE day_folds UPDATE edition = 1 WHERE true SETTINGS mutations_sync = 2")
    with pytest.raises(BeingRenewed, match="a running worker does it"):
        snapshot.compute(store, compiled, AT)
    assert days.clean(store, compiled.registry.horizons) == set()
    list(minutes.refresh(store, timedelta(seconds=3)))
    assert edition.is_noted(store)
    assert snapshot.compute(store, compiled, AT) == by_minute
    list(days.fold(store, compiled.registry.horizons))
    assert snapshot.compute(store, compiled, AT) == by_day
