from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metrics.drift.subjects import SUBJECTS
from streams.drift import extent, observations
from tests.streams.drift.conftest import END, Demo
from tests.streams.given import names_in

FROM_S, TO_S = int((END - timedelta(days=60)).timestamp()), int(END.timestamp())


def first_answers(demo: Demo, kind: str) -> list[dict[str, Any]]:
    """The answers that are the first of their customer at their touchpoint on their day, and those of nobody."""
    seen, first = set(), []
    for row in demo.store.query(
        f"SELECT * FROM events_latest WHERE kind = '{kind}' ORDER BY occurred_at, source, event_id"
    ):
        turn = (row["customer"], row["touchpoint"], row["occurred_at"].date())
        if not row["customer"] or turn not in seen:
            first.append(row)
        seen.add(turn)
    return first


def test_steps_count_for_the_department_that_owned_the_touchpoint_at_the_time(demo: Demo) -> None:
    observed = observations.observed(demo.store, demo.compiled.attribution, FROM_S, TO_S)
    wanted: Counter[tuple[str, int]] = Counter()
    for row in first_answers(demo, "csat"):
        at_s = int(row["occurred_at"].timestamp()) // 60 * 60
        if FROM_S <= at_s < TO_S:
            owner = demo.compiled.attribution.owner(row["touchpoint"], row["segment"], row["region"], "csat", at_s)
            wanted[owner, at_s + 60] += 1
    steps = {
        (department, step.end_s): step.exposure
        for (department, metric), steps in observed.steps.items()
        for step in steps
        if metric == "csat"
    }
    assert steps == wanted
    assert {department for department, _ in wanted} >= {"service", "sales", "unowned"}


def test_steps_are_in_order_and_only_whole_hours_and_minutes_count(demo: Demo) -> None:
    observed = observations.observed(demo.store, demo.compiled.attribution, FROM_S, TO_S - 1750)
    for (_, metric), steps in observed.steps.items():
        ends = [step.end_s for step in steps]
        assert ends == sorted(set(ends))
        width = SUBJECTS[metric].width_s
        assert all(end % width == 0 and end <= (TO_S - 1750) // width * width for end in ends)


def test_a_move_is_one_of_both_departments_and_of_no_other_metric(demo: Demo) -> None:
    moves = observations.observed(demo.store, demo.compiled.attribution, FROM_S, TO_S).moves
    moved_s = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
    # The manual is asked for csat and ces.
    assert moves == {
        (department, metric): [moved_s] for department in ("product", "service") for metric in ("csat", "ces")
    }


def test_parts_of_the_time_make_no_difference_and_bound_what_is_read_at_once(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = observations.observed(demo.store, demo.compiled.attribution, FROM_S + 1000, TO_S - 1750)
    monkeypatch.setattr(extent, "CELLS_AT_ONCE", 3_000)
    fetch, sizes = demo.store.fetch, list[int]()

    def counted(*args: Any, **fragments: Any) -> list[Any]:
        rows = fetch(*args, **fragments)
        sizes.append(len(rows))
        return rows

    monkeypatch.setattr(demo.store, "fetch", counted)
    assert observations.observed(demo.store, demo.compiled.attribution, FROM_S + 1000, TO_S - 1750) == whole
    assert max(sizes) <= 3_000 < sum(map(len, whole.steps.values()))


@pytest.mark.parametrize("dimension", observations.DIMENSIONS)
def test_parts_add_up_to_the_same_whole_in_every_dimension(demo: Demo, dimension: observations.Dimension) -> None:
    names = names_in(demo.store)
    tallies = observations.owned_tallies(demo.store, demo.compiled.attribution, names, ["csat"], FROM_S, TO_S)
    parts = observations.parts(SUBJECTS["csat"], tallies, dimension, 60)
    assert sum(part.exposure for part in parts.values()) == sum(item.tally.n for item in tallies)
    volumes = observations.parts(SUBJECTS["conversions"], tallies, dimension, 60)
    assert {part.exposure for part in volumes.values()} == {60}
