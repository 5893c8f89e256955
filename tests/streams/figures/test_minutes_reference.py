"""The law of the whole: figures from the engine equal a slow reference, whatever way the facts came in."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.figures.balances import VIEWS
from streams.figures import days, snapshot
from streams.figures import minutes as cells
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.metrics import reference
from tests.streams.given import event, facts_of, rules_of

START = datetime(2026, 1, 1, tzinfo=UTC)
TOUCHPOINTS = ("web.shop.cart", "web.shop", "web.help", "desk")
SEGMENTS = (None, "smb", "corporate")
REGIONS = (None, "it-north")
SCORES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
KINDS = ("nps", "csat", "ces", "referral", "repeat_purchase", "renewal", "churn", "awareness", "visit", "conversion")
DEPARTMENTS = "".join(f'\n[[department]]\nid = "{name}"\nname = "{name}"\noffice = "back"\n' for name in "abc")

# Few minutes and many events: that is what makes figures with n_eff above 5, cells with several facts and owners.
instants = st.builds(
    lambda day, minute, second: START + timedelta(days=day, minutes=minute, seconds=second),
    st.integers(0, 40), st.integers(0, 1), st.floats(0, 59.999).map(lambda value: round(value, 3)),
)  # fmt: skip


@st.composite
def registries(draw: st.DrawFn) -> CompiledRegistry:
    patterns = st.sampled_from(("*", "web.*", "web.shop.*", *TOUCHPOINTS))
    lines = ['version = "1"', 'policy = "shared"', f'[horizons]\nshort = "{draw(st.integers(1, 20))}d"', 'long = "60d"']
    for _ in range(draw(st.integers(0, 6))):
        lines += ["", "[[ownership]]", f'touchpoint = "{draw(patterns)}"', f'owner = "{draw(st.sampled_from("abc"))}"']
        for name, values in (("segment", SEGMENTS), ("region", REGIONS), ("kind", (None, *KINDS))):
            value = draw(st.sampled_from(values))
            lines += [f'{name} = "{value}"'] if value and draw(st.booleans()) else []
        first, length = draw(st.integers(0, 60_000)), draw(st.integers(1, 60_000))
        begins, ends = START + timedelta(minutes=first), START + timedelta(minutes=first + length)
        lines += [f"from = {begins:%FT%TZ}"] if draw(st.booleans()) else []
        lines += [f"to = {ends:%FT%TZ}"] if draw(st.booleans()) else []
    return rules_of("\n".join([*lines[:2], *lines[2:4], DEPARTMENTS, *lines[4:]]))


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(KINDS))
    fields: dict[str, Any] = {"touchpoint": draw(st.sampled_from(TOUCHPOINTS))}
    fields |= {"segment": draw(st.sampled_from(SEGMENTS)), "region": draw(st.sampled_from(REGIONS))}
    if kind in SCORES:
        fields["score"] = draw(st.integers(*SCORES[kind]))
    if kind not in ("visit", "awareness"):
        fields["customer"] = draw(st.sampled_from((None, "anna", "bert", "carla", "dora")))
    if kind in ("visit", "awareness"):
        fields["count"] = draw(st.one_of(st.none(), st.integers(1, 1000)))
    return event(draw(st.uuids()).hex, kind, draw(instants), **fields)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]:
    """Events, and the chunks in which they arrive: in any order, some of them more than once."""
    happened = draw(st.lists(events(), min_size=1, max_size=60))
    again = draw(st.lists(st.sampled_from(happened), max_size=20))
    arrived = draw(st.permutations(happened + again))
    size = draw(st.integers(1, len(arrived)))
    return happened, [arrived[start : start + size] for start in range(0, len(arrived), size)][:8] + (
        [arrived[8 * size :]] if len(arrived) > 8 * size else []
    )


def differences(store: Store, compiled: CompiledRegistry, happened: list[dict[str, Any]], at: datetime) -> list[str]:
    differences = []
    computed = snapshot.compute(store, compiled, at)
    for view in VIEWS:
        got = [asdict(row) for row in computed.balances[view]]
        differences += reference.differences(got, reference.balances(happened, compiled.registry, at, view))
    return differences


@pytest.mark.long
@given(
    compiled=registries(), what_if=registries(), delivery=deliveries(),
    at=st.integers(0, 100_000).map(lambda minutes: START + timedelta(minutes=minutes, seconds=30)),
)  # fmt: skip
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_figures_equal_the_reference_whatever_the_order_chunking_and_repetition(
    store: Store,
    compiled: CompiledRegistry,
    what_if: CompiledRegistry,
    delivery: tuple[list[dict[str, Any]], list[list[dict[str, Any]]]],
    at: datetime,
) -> None:
    for table in ("events", "cells", "refreshes", "day_cells", "day_folds", "answers", "repeat_answers"):
        store.command(f"TRUNCATE TABLE {table}")
    happened, chunks = delivery
    for position, chunk in enumerate(chunks):
        store.insert_facts(facts_of(chunk, compiled))
        if position % 2:
            list(cells.refresh(store, timedelta(seconds=3)))
        if position % 3 == 1:
            list(days.fold(store, compiled.registry.horizons))
    list(cells.refresh(store, timedelta(seconds=3)))
    assert differences(store, compiled, happened, at) == []
    # Folded days say the same as their minutes, also where some are folded and some are not.
    list(days.fold(store, compiled.registry.horizons))
    assert days.clean(store, compiled.registry.horizons)
    assert differences(store, compiled, happened, at) == []
    # Another registry is another fold over the same cells; not one fact is touched.
    assert differences(store, what_if, happened, at) == []
