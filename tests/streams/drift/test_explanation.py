from datetime import UTC, datetime, timedelta

import pytest

from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy
from streams.drift.explanation import drifting, in_alarm
from streams.drift.watcher import DetectionRunner
from tests.streams.drift.conftest import END, Demo


@pytest.fixture(scope="module")
def told(demo: Demo) -> dict[tuple[str, str], dict]:  # type: ignore[type-arg]
    DetectionRunner(demo.store, DetectionPolicy(1.0, DEFAULT_SHIFTS)).look(demo.compiled, END, 0.0)
    return {(row["department"], row["metric"]): row for row in drifting(demo.store, demo.compiled, END)}


def test_the_story_names_what_fell_and_which_touchpoint_did_it(told: dict) -> None:  # type: ignore[type-arg]
    story = told["service", "csat"]
    assert story["state"] == "down"
    assert story["after"] < story["before"] - 8
    main = story["contributions"]["touchpoint"][0]
    assert (main["group"], main["change"] < 0) == ("service.switchboard", True)
    assert "csat of service down since" in story["text"]
    assert f"touchpoint service.switchboard contributes {main['share']:.0%} of it" in story["text"]


def test_contributions_add_up_to_the_change_in_every_dimension(told: dict) -> None:  # type: ignore[type-arg]
    assert len(told) > 2
    for story in told.values():
        for found in story["contributions"].values():
            assert sum(item["change"] for item in found) == pytest.approx(story["after"] - story["before"])


def test_a_change_of_owner_near_the_begin_is_told_of_both_departments(demo: Demo) -> None:
    row = {
        "at": datetime(2026, 10, 20, tzinfo=UTC), "department": "service", "metric": "ces", "state": "down",
        "direction": "down", "since": datetime(2026, 10, 5, tzinfo=UTC), "statistic": 40.0, "threshold": 30.0,
        "baseline_id": "service/ces/1", "withdrawn": 0,
    }  # fmt: skip
    demo.store.insert("drift", list(row), [[value] for value in row.values()])
    (story,) = (
        found
        for found in drifting(demo.store, demo.compiled, datetime(2026, 10, 21, tzinfo=UTC))
        if found["metric"] == "ces" and found["department"] == "service"
    )
    demo.store.insert("drift", list(row), [[value] for value in (row | {"withdrawn": 1}).values()])
    assert story["owner_changes"] == [
        {"at": datetime(2026, 10, 1, tzinfo=UTC), "touchpoint": "product.manual", "from": "product", "to": "service"}
    ]
    assert "on 1 October product.manual moved from product to service" in story["text"]


def test_before_anything_was_told_nothing_drifts(demo: Demo) -> None:
    assert drifting(demo.store, demo.compiled, END - timedelta(days=90)) == []


def test_an_alarm_that_has_ended_is_none() -> None:
    down, calm = ({"department": "it", "metric": "ces", "state": state} for state in ("down", "calm"))
    assert in_alarm([down]) == [down]
    assert in_alarm([down, calm]) == []
