"""Names without end: what is not known counts together, and nobody's figures change."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.figures.balances import Group
from metrics.registry.names import Names
from streams.drift import observations
from streams.drift.data_quality import data_quality
from streams.figures import days, minutes, snapshot
from streams.figures.groups import open_groups
from streams.figures.names import numbering, over_limit, shown_of_cells, shown_of_facts
from streams.figures.selection import select
from streams.governance import counting, report
from streams.governance.counting import Question
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.web import touchpoints
from tests.metrics.registry.test_names import place_of
from tests.streams.given import NOON, REGISTRY, event, facts_of, rules_of

AT = NOON + timedelta(hours=1)
SPAN = (int((NOON - timedelta(days=1)).timestamp()), int(AT.timestamp()))
QUESTION = Question(NOON - timedelta(days=30), AT)
MANY = 100_000
LIMIT_S = 15.0  # a hundred times less on a free machine
_MANY = """
INSERT INTO events (event_id, source, kind, touchpoint, occurred_at, score, count, segment, region, registry_version)
SELECT toString(number), 'p', if(number % 3 = 0, 'nps', 'visit') AS kind, concat('web.x', toString(number)),
    toDateTime64({start} + number % 60, 3, 'UTC'), if(kind = 'nps', number % 11, NULL), 1,
    concat('s', toString(number % 5000)), concat('r', toString(number % 5000)), 'v1'
FROM numbers({rows})
"""


def refreshed(store: Store) -> None:
    for _ in minutes.refresh(store, timedelta(0)):
        pass


def land(store: Store, events: Sequence[dict[str, Any]], compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(events, compiled))
    refreshed(store)


def unknown(*names: str) -> list[dict[str, Any]]:
    """An event at each of some touchpoints, a second apart."""
    return [event(n, "nps", NOON + timedelta(seconds=n), touchpoint=name, score=9) for n, name in enumerate(names)]


def figures_of(store: Store, compiled: CompiledRegistry) -> list[dict[str, Any]]:
    computed = snapshot.compute(store, compiled, AT)
    return [row for view in computed.balances for row in snapshot.as_json(computed.balances[view])]


NAMES = st.lists(
    st.lists(st.sampled_from(("web", "shop", "a", "b-1", "fax")), min_size=1, max_size=4).map(".".join), max_size=8
)


@given(NAMES, NAMES, st.lists(st.sampled_from(("web.", "web.shop.", "a.", "web.shop.a."))))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_store_numbers_names_as_they_are_meant(
    store: Store, known: list[str], sent: list[str], prefixes: list[str]
) -> None:
    ordered = tuple(sorted(set(prefixes), key=lambda prefix: (prefix.count("."), prefix)))
    names = Names(ordered, (), ("", "it's"), ("",)).plus(known)
    apart = numbering(names)
    rows = store.query(
        f"SELECT {apart.place.text} AS place, {apart.segment.text} AS segment, touchpoint "
        "FROM (SELECT arrayJoin({sent:Array(String)}) AS touchpoint, 'it''s' AS segment)",
        {"sent": sent},
    )
    assert [names.places[row["place"]] for row in rows] == [place_of(names, name) for name in sent]
    assert {names.of_segments[row["segment"]] for row in rows} <= {"it's"}


def test_those_with_the_most_events_are_shown_and_of_equals_the_first_by_name(
    store: Store, compiled: CompiledRegistry
) -> None:
    sent = [f"web.{name}" for name in "ddccbbaee"]
    for order in (sent, sent[::-1]):
        store.command("TRUNCATE TABLE events")
        store.command("TRUNCATE TABLE cells")
        land(store, unknown(*order), compiled)
        store.unknown_names = 3
        for shown in (
            shown_of_cells(store, compiled.names, *SPAN),
            shown_of_facts(store, compiled.names, *map(float, SPAN)),
        ):
            assert set(shown.touchpoints) - set(compiled.names.touchpoints) == {"web.b", "web.c", "web.d"}


def test_no_order_and_no_bound_changes_a_figure_of_anybody(store: Store, compiled: CompiledRegistry) -> None:
    sent = unknown(*(f"{'web' if n % 3 else 'delivery.van'}.x{n % 40}" for n in range(120)), "fax", "fax.x")
    land(store, sent, compiled)
    wanted = figures_of(store, compiled)
    assert {row["department"] for row in wanted} == {"sales", "logistics", "unowned", "company"}
    for bound in (0, 5):
        shuffled = Random(bound).sample(sent, len(sent))
        land(store, shuffled[:60] + shuffled, compiled)
        store.unknown_names = bound
        assert figures_of(store, compiled) == wanted
        rows = touchpoints.rows(store, compiled, AT)
        assert sum(row["events"] for row in rows) == len(sent)
        assert {row["touchpoint"]: row["owners"] for row in rows if "(other)" in row["touchpoint"]} == {
            "web.(other)": ["sales"], "delivery.(other)": ["logistics"], "(other)": ["unowned"],
        }  # fmt: skip


def test_a_known_touchpoint_never_counts_with_others_however_rare(store: Store, compiled: CompiledRegistry) -> None:
    store.unknown_names = 0
    land(store, [*unknown(*(f"web.x{n}" for n in range(50))), event("known", touchpoint="web.checkout")], compiled)
    rows = {row["touchpoint"]: row["events"] for row in touchpoints.rows(store, compiled, AT)}
    assert rows == {"web.checkout": 1, "web.(other)": 50}
    assert counting.count(store, compiled, QUESTION).owned == {
        ("web.checkout", "sales"): 1, ("web.(other)", "sales"): 50,
    }  # fmt: skip


def test_a_registry_that_names_a_touchpoint_later_has_its_history_at_once(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.unknown_names = 0
    land(store, unknown("fax.a", "fax.b", "fax.b"), compiled)
    assert {row["department"] for row in figures_of(store, compiled)} == {"unowned", "company"}
    later = rules_of(REGISTRY + '[[ownership]]\ntouchpoint = "fax.b"\nowner = "logistics"\n')
    row = next(row for row in figures_of(store, later) if (row["department"], row["metric"]) == ("logistics", "nps"))
    assert row["n"] == 2


def test_how_many_count_together_is_counted_by_dimension(store: Store, compiled: CompiledRegistry) -> None:
    sent = [event(n, touchpoint=f"web.x{n}", segment=f"s{n % 5}", region=f"r{n % 4}") for n in range(7)]
    land(store, sent, compiled)
    store.unknown_names = 4
    assert over_limit(store, compiled.names, AT) == {"touchpoint": 3, "segment": 1, "region": 0}


@pytest.fixture
def crowded(store: Store, compiled: CompiledRegistry) -> Store:
    """A store in which one publisher named a hundred thousand touchpoints in a minute of yesterday."""
    store.command(_MANY.format(start=SPAN[0], rows=MANY))
    land(store, [event(0, touchpoint="web.checkout")], compiled)
    return store


def summed(store: Store, rules: CompiledRegistry) -> list[Group]:
    return open_groups(store, select(store, AT.timestamp(), rules.attribution, rules.registry.horizons))


Act = Callable[[Store, CompiledRegistry], int]
ACTS: dict[str, tuple[Act, int]] = {
    "groups": (lambda store, rules: len(summed(store, rules)), 10),
    "touchpoints": (lambda store, rules: len(touchpoints.rows(store, rules, AT)), 502),
    "drift": (
        lambda store, rules: len(observations.observed(store, rules.attribution, SPAN[0], SPAN[1]).moves), 20,
    ),
    "data quality": (lambda store, rules: len(data_quality(store, rules, AT)), 50),
    "governance": (lambda store, rules: len(counting.count(store, rules, QUESTION).owned), 502),
    "report": (lambda store, rules: len(report.write(store, rules, QUESTION).report.parts), 20),
}  # fmt: skip


@pytest.mark.long
def test_a_hundred_thousand_names_leave_every_reading_small_and_quick(
    crowded: Store, compiled: CompiledRegistry
) -> None:
    assert [days_done for days_done, _ in days.fold(crowded, compiled.registry.horizons)] != []
    for name, (act, most) in ACTS.items():
        began = time.perf_counter()
        assert 0 < act(crowded, compiled) <= most, name
        assert time.perf_counter() - began < LIMIT_S, name
    assert over_limit(crowded, compiled.names, NOON - timedelta(hours=1))["touchpoint"] == MANY - 500
