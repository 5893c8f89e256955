"""What is recorded of the ends of days is read where it is what a computation gives, and nowhere else."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple
from datetime import datetime, timedelta
from math import isclose
from typing import Any

import pytest

from metrics.catalogue import HORIZONS, METRICS
from metrics.events.pseudonyms import pseudonyms
from metrics.figures.balances import Balance, View
from metrics.figures.trends import TrendQuestion
from streams.figures import day_snapshots, days, minutes, repeats, snapshot
from streams.figures.recorded_ends import recorded
from streams.figures.trends import trend
from streams.operations.erase import erase_from_store
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import from_epoch
from tests.streams.figures.test_trends import in_order
from tests.streams.given import KEY, REGISTRY, event, facts_of, rules_of

DAYS = 6
SHORT = '[horizons]\nshort = "12h"\nlong = "2d"\n'
KINDS = ("nps", "csat", "ces", "visit", "conversion", "repeat_purchase", "renewal", "churn", "referral", "awareness")


class CutOff(Exception):
    """A process ends."""


@pytest.fixture
def registries(today: datetime) -> list[CompiledRegistry]:
    """One, in which the web changes hands in the middle of a day; one with another target; one of other owners."""
    text = REGISTRY.replace("2026-04-01", f"{today - timedelta(days=3, hours=-7):%FT%TZ}") + SHORT
    other = text.replace('"delivery.*"\nowner = "logistics"', '"delivery.*"\nowner = "marketing"')
    return [rules_of(each) for each in (text, text.replace("internal = 40", "internal = 41"), other)]


def some(rng: random.Random, count: int, first: datetime, last: datetime) -> list[dict[str, Any]]:
    """Facts of few customers, so that most come again, at odd times."""
    made, minutes_ = [], int((last - first).total_seconds() // 60)
    for _ in range(count):
        kind = rng.choice(KINDS)
        score = {"nps": rng.randrange(11), "csat": rng.randint(1, 5), "ces": rng.randint(1, 7)}.get(kind)
        made.append(
            event(
                f"{rng.random()}", kind, first + timedelta(minutes=rng.randrange(minutes_)), score=score,
                touchpoint=rng.choice(("web.cart", "delivery.van", "fair")),
                customer=rng.choice((None, *(f"c{n}" for n in range(9)))),
                count=rng.randint(1, 30) if kind in ("visit", "awareness") else None,
            )
        )  # fmt: skip
    return made


def midnights(today: datetime) -> list[int]:
    """From before the history until now, and an instant in the middle of a day."""
    first = int(today.timestamp()) - (DAYS + 1) * 86_400
    return [*range(first, first + (DAYS + 1) * 86_400, 86_400), int(today.timestamp()) - 40_020, int(today.timestamp())]


def is_same(one: Balance, other: Balance) -> bool:
    """To 1e-9 in every field."""
    return all(
        isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-9)
        if isinstance(mine, float) and isinstance(theirs, float)
        else mine == theirs
        for mine, theirs in zip(astuple(one), astuple(other), strict=True)
    )


def assert_as_computed(store: Store, rules: CompiledRegistry, instants: Sequence[int]) -> None:
    """Each figure of a trend, whether it is read or computed, is what `--at` shows at that moment."""
    at = {at_s: snapshot.compute(store, rules, from_epoch(at_s)).balances for at_s in instants}
    subjects: tuple[tuple[View, str], ...] = (("as_was", "company"), ("as_is", "marketing"), ("as_was", "logistics"))
    for view, department in subjects:
        points = [
            point.balance
            for point in trend(store, rules, TrendQuestion(department, tuple(METRICS), HORIZONS, view, instants))
        ]
        wanted = [
            row for at_s in instants for row in sorted(at[at_s][view], key=in_order) if row.department == department
        ]
        assert [figure for figure, row in zip(points, wanted, strict=True) if not is_same(figure, row)] == []


def ends_of(store: Store, rules: CompiledRegistry, today: datetime) -> list[int]:
    """The ends of days of which something is read, as numbers counted back from now."""
    found = recorded(store, rules, "as_was", midnights(today))
    return sorted((int(today.timestamp()) - at_s) // 86_400 for at_s, rows in found.items() if rows)


def settle(store: Store, rules: CompiledRegistry) -> None:
    """What a refresher does, until nothing is left to do."""
    list(minutes.refresh(store, timedelta(0)))
    list(days.fold(store, rules.registry.horizons))
    list(day_snapshots.write(store, rules, day_snapshots.due_in(store, rules, of_any_registry=False)))


def land(store: Store, rules: CompiledRegistry, *events: dict[str, Any]) -> None:
    store.insert_facts(facts_of(events, rules))


@pytest.fixture
def filled(store: Store, registries: list[CompiledRegistry], today: datetime) -> Store:
    land(store, registries[0], *some(random.Random(5), 300, today - timedelta(days=DAYS), today))
    settle(store, registries[0])
    return store


@contextmanager
def after_each_statement(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> Iterator[Counter[str]]:
    """Does something whenever a statement that writes is done; counts which those were."""
    counted: Counter[str] = Counter()
    busy = False
    real_run, real_insert = Store.run, Store.insert

    def acted(name: str) -> None:
        nonlocal busy
        if not busy:
            busy = True
            counted[name] += 1
            act()
            busy = False

    def run(store: Store, statement: Any, *parameters: Any, **more: Any) -> None:
        real_run(store, statement, *parameters, **more)
        acted(statement.name)

    def insert(store: Store, table: str, *data: Any) -> None:
        real_insert(store, table, *data)
        acted(table)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "run", run)
        patch.setattr(Store, "insert", insert)
        yield counted


@pytest.mark.long
def test_all_ends_of_days_are_read_and_are_what_is_computed(
    filled: Store, registries: list[CompiledRegistry], today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ends_of(filled, registries[0], today) == list(range(DAYS))
    assert_as_computed(filled, registries[0], midnights(today))
    # A change of what figures do not depend on leaves them; owners of the past make them others.
    assert ends_of(filled, registries[1], today) == list(range(DAYS))
    assert ends_of(filled, registries[2], today) == []
    assert_as_computed(filled, registries[2], midnights(today)[::3])
    assert recorded(filled, registries[0], "as_was", midnights(today)[:1]) == {midnights(today)[0]: []}
    monkeypatch.setattr(repeats, "ROWS_READ", 10)  # a part of the answers stands for all, and may be another one
    assert recorded(filled, registries[0], "as_was", midnights(today)) == {}


@pytest.mark.long
def test_from_the_day_of_a_late_fact_on_nothing_is_read_until_it_is_recorded_again_and_at_no_statement_what_was(
    filled: Store, registries: list[CompiledRegistry], today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, at = registries[0], today - timedelta(days=3, hours=5)
    instants = [midnights(today)[n] for n in (2, 5, -1)]
    assert ends_of(filled, rules, today) == list(range(DAYS))
    seen = []

    def look() -> None:
        assert_as_computed(filled, rules, instants)
        seen.append(len(ends_of(filled, rules, today)))

    late = [event(f"late-{n}", "nps", at + timedelta(hours=n), score=0, customer="c1") for n in range(2)]
    with after_each_statement(monkeypatch, look) as counted:
        land(filled, rules, *late)
        settle(filled, rules)
    assert {"streams.figures/recompute_cells", "streams.figures/note_folds", "day_balances"} <= counted.keys()
    # As long as no cell has changed, all; then up to the day before; one more with each that is recorded.
    assert (seen[0], min(seen), seen[-1]) == (DAYS, DAYS - 4, DAYS)


@pytest.mark.long
def test_while_somebody_is_erased_no_figure_is_read_that_still_counts_them(
    filled: Store, registries: list[CompiledRegistry], today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, instants = registries[0], [midnights(today)[n] for n in (2, -1)]
    with after_each_statement(monkeypatch, lambda: assert_as_computed(filled, rules, instants)) as counted:
        erase_from_store(filled, pseudonyms("c1", (KEY,)), wait=lambda: None)
    settle(filled, rules)
    assert counted["erased"] == 1
    assert ends_of(filled, rules, today) == list(range(DAYS))


def test_what_is_not_there_as_a_whole_is_not_read_and_is_written_again(
    filled: Store, registries: list[CompiledRegistry], today: datetime
) -> None:
    filled.command("TRUNCATE TABLE day_balances")
    assert ends_of(filled, registries[0], today) == []
    settle(filled, registries[0])
    assert ends_of(filled, registries[0], today) == list(range(DAYS))


@pytest.mark.long
def test_rows_of_a_writing_that_was_never_noted_are_not_read_nor_what_they_may_have_replaced(
    filled: Store, registries: list[CompiledRegistry], today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = day_snapshots.due_in(filled, registries[2], of_any_registry=False)[0]
    done: list[str] = []

    def until_written() -> None:
        done.append("")
        if len(done) == 3:  # balances, scorecards, day_balances
            raise CutOff

    with after_each_statement(monkeypatch, until_written), pytest.raises(CutOff):
        list(day_snapshots.write(filled, registries[2], [last]))
    filled.command("OPTIMIZE TABLE day_balances FINAL")
    assert ends_of(filled, registries[0], today) == [*range(1, DAYS)]
    assert_as_computed(filled, registries[0], midnights(today)[-3:])
    settle(filled, registries[0])
    settle(filled, registries[2])
    assert ends_of(filled, registries[2], today) == list(range(DAYS))


@pytest.mark.long
def test_a_fact_of_before_all_others_makes_all_doubtful(
    filled: Store, registries: list[CompiledRegistry], today: datetime
) -> None:
    land(filled, registries[0], event("first", "nps", today - timedelta(days=DAYS + 4), customer="c1"))
    list(minutes.refresh(filled, timedelta(0)))
    assert ends_of(filled, registries[0], today) == []
    settle(filled, registries[0])
    assert ends_of(filled, registries[0], today) == [*range(DAYS + 2)]
    assert_as_computed(filled, registries[0], midnights(today)[::2])


class Happenings:
    """What may happen to a store, drawn by chance: also processes that end at any statement."""

    def __init__(self, store: Store, today: datetime, rng: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
        self._store, self._today, self._rng, self._monkeypatch = store, today, rng, monkeypatch

    def one(self, rules: CompiledRegistry) -> None:
        self._rng.choice((self._late, self._refresh, self._fold, self._record, settle, self._cut_off, self._erase))(
            self._store, rules
        )

    def _late(self, store: Store, rules: CompiledRegistry) -> None:
        first = self._today - timedelta(days=self._rng.randrange(1, DAYS))
        land(store, rules, *some(self._rng, self._rng.randrange(1, 4), first, self._today))

    def _refresh(self, store: Store, _: CompiledRegistry) -> None:
        list(minutes.refresh(store, timedelta(0)))

    def _fold(self, store: Store, rules: CompiledRegistry) -> None:
        next(days.fold(store, rules.registry.horizons), None)

    def _record(self, store: Store, rules: CompiledRegistry) -> None:
        due = day_snapshots.due_in(store, rules, of_any_registry=self._rng.random() < 0.5)
        next(day_snapshots.write(store, rules, due), None)

    def _cut_off(self, store: Store, rules: CompiledRegistry) -> None:
        left = self._rng.randrange(1, 9)

        def count() -> None:
            nonlocal left
            left -= 1
            if not left:
                raise CutOff

        with after_each_statement(self._monkeypatch, count), suppress(CutOff):
            settle(store, rules)

    def _erase(self, store: Store, _: CompiledRegistry) -> None:
        erase_from_store(store, pseudonyms(self._rng.choice(("c1", "c2")), (KEY,)), wait=lambda: None)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_happens_in_whatever_order_a_trend_is_what_is_computed(
    store: Store, registries: list[CompiledRegistry], today: datetime, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(days, "DAYS_AT_ONCE", 2)
    rules, read = registries[0], 0
    land(store, rules, *some(rng, 150, today - timedelta(days=DAYS), today))
    settle(store, rules)
    happenings = Happenings(store, today, rng, monkeypatch)
    for _ in range(10):
        happenings.one(rules)
        rules = rng.choice((rules, rules, *registries))
        assert_as_computed(store, rules, sorted(rng.sample(midnights(today), 4)))
        read += len(ends_of(store, rules, today))
    assert read > 0
