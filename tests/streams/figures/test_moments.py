"""Moments are computed once for all who ask."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from metrics.figures.balances import Moment
from streams.figures import minutes, moments, snapshot
from streams.figures.moments import KeptMoments
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import NOON, event, facts_of


@pytest.fixture
def filled(store: Store, compiled: CompiledRegistry) -> Store:
    store.insert_facts(
        facts_of([event(n, at=NOON - timedelta(hours=n), customer=f"c{n % 3}") for n in range(20)], compiled)
    )
    list(minutes.refresh(store, timedelta(seconds=3)))
    return store


def test_who_asks_at_the_same_time_and_later_is_given_the_same_moment(
    filled: Store, compiled: CompiledRegistry
) -> None:
    kept = KeptMoments()
    with ThreadPoolExecutor(4) as threads:
        futures = [threads.submit(kept.moment, filled, compiled, NOON, "as_was") for _ in range(4)]
        found = [one.result() for one in futures]
    assert all(one is found[0] for one in found)
    assert found[0] == snapshot.moment(filled, compiled, NOON)
    assert kept.moment(filled, compiled, NOON, "as_was") is found[0]
    assert kept.moment(filled, compiled, NOON, "as_is") is not found[0]
    assert kept.moment(filled, compiled, NOON - timedelta(hours=1), "as_was") is not found[0]


def test_the_oldest_goes_first(filled: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "MOST_KEPT", 1)
    kept = KeptMoments()
    first = kept.moment(filled, compiled, NOON, "as_was")
    other = kept.moment(filled, compiled, NOON, "as_is")
    assert kept.moment(filled, compiled, NOON, "as_is") is other
    assert kept.moment(filled, compiled, NOON, "as_was") is not first


def test_what_fails_is_not_kept(filled: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptMoments()

    def late(*_: object) -> Moment:
        raise TimeoutError("late")

    with monkeypatch.context() as patch:
        patch.setattr(snapshot, "moment", late)
        with pytest.raises(TimeoutError):
            kept.moment(filled, compiled, NOON, "as_was")
    assert kept.moment(filled, compiled, NOON, "as_was").balances
