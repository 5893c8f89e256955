"""What would move under another registry is what the two registries tell about the same facts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from streams.figures import minutes
from streams.figures.snapshot import compute
from streams.governance.counting import Question
from streams.governance.impact import is_same_figure, moved_balances, moved_events
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import NOON, REGISTRY, event, facts_of, rules_of

AT = NOON + timedelta(days=10)
QUESTION = Question(AT - timedelta(days=90), AT)
EVENTS = [
    *(event(f"m{n}", score=10, at=datetime(2026, 3, 10, 9, tzinfo=UTC)) for n in range(40)),
    *(event(f"s{n}", score=10 if n % 2 else 0, at=NOON) for n in range(60)),
    *(event(f"d{n}", kind="contact", touchpoint="delivery.parcel", at=NOON) for n in range(7)),
    *(event(f"o{n}", kind="visit", at=datetime(2025, 12, 1, tzinfo=UTC)) for n in range(5)),
    event("g", "spend", amount="10", currency="EUR", category="rework", touchpoint="delivery.parcel"),
]
"""Before the change of owner of 1 April, after it, elsewhere, before the period, and one that is no touch."""
TAKEN = REGISTRY.replace('owner = "sales"\nfrom', 'owner = "logistics"\nfrom')
LATER = REGISTRY.replace('owner = "logistics"\n', 'owner = "logistics"\nto = 2026-04-01T12:00:00Z\n', 1).replace(
    "[[target]]", '[[ownership]]\ntouchpoint = "web.checkout"\nkind = "nps"\nowner = "marketing"\n[[target]]', 1
)  # fmt: skip


@pytest.fixture
def filled(store: Store, compiled: CompiledRegistry) -> Store:
    store.insert_facts(facts_of(EVENTS, compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    return store


def plain(rows: Sequence[Mapping[str, object]]) -> list[tuple[object, ...]]:
    return [(row["which"], row["before"], row["after"], row["n"]) for row in rows]


def test_events_change_hands_where_owners_differ_at_their_time(filled: Store, compiled: CompiledRegistry) -> None:
    assert plain(moved_events(filled, compiled, rules_of(TAKEN), QUESTION)) == [
        ("web.checkout", "sales", "logistics", 60)
    ]
    # Both registries' instants and filters count: what one of them alone tells apart is told apart.
    assert plain(moved_events(filled, compiled, rules_of(LATER), QUESTION)) == [
        ("web.checkout", "sales", "marketing", 60),
        ("delivery.parcel", "logistics", "unowned", 7),
    ]


def test_the_owner_at_the_instant_is_another_view_of_them(filled: Store, compiled: CompiledRegistry) -> None:
    question = Question(QUESTION.since, QUESTION.at, "as_is")
    assert plain(moved_events(filled, compiled, rules_of(TAKEN), question)) == [
        ("web.checkout", "sales", "logistics", 100)
    ]


def test_figures_move_as_balances_under_either_registry_tell(filled: Store, compiled: CompiledRegistry) -> None:
    after = rules_of(TAKEN)
    rows = {row["which"]: row for row in moved_balances(filled, compiled, after, QUESTION)}
    figures = [
        {
            (row.department, row.metric, row.horizon): row.value
            for row in compute(filled, version, AT).balances["as_was"]
        }
        for version in (compiled, after)
    ]
    assert rows["sales nps short"]["before"] == figures[0]["sales", "nps", "short"]
    assert rows["sales nps short"]["after"] is None
    assert (rows["logistics nps long"]["before"], rows["logistics nps long"]["n"]) == (None, 60)
    assert rows["logistics nps long"]["after"] == figures[1]["logistics", "nps", "long"]
    assert not [which for which in rows if which.startswith(("marketing", "company"))]


def test_nothing_moves_from_a_registry_to_itself(filled: Store, compiled: CompiledRegistry) -> None:
    same = rules_of(REGISTRY.replace('version = "v1"', 'version = "v2"'))
    assert moved_events(filled, compiled, same, QUESTION) == []
    assert moved_balances(filled, compiled, same, QUESTION) == []


def test_a_last_digit_is_no_move_and_a_figure_that_goes_is_one() -> None:
    assert is_same_figure(13.00062108786938, 13.00062108786937)
    assert is_same_figure(None, None)
    assert not is_same_figure(5.3, 5.2)
    assert not is_same_figure(0.0, None)


def test_what_moves_there_moves_back(filled: Store, compiled: CompiledRegistry) -> None:
    other = rules_of(LATER)
    for moved in (moved_events, moved_balances):
        there, back = moved(filled, compiled, other, QUESTION), moved(filled, other, compiled, QUESTION)
        turned = [(which, after, before, n) for which, before, after, n in plain(back)]
        assert sorted(map(repr, plain(there))) == sorted(map(repr, turned))
