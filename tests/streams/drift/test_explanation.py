from datetime import UTC, datetime, timedelta

import pytest

from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy
from streams.drift import repository
from streams.drift.explanation import Drift, drifting
from streams.drift.repository import AlarmRow, in_alarm
from streams.drift.watcher import DetectionRunner
from tests.streams.drift.conftest import END, Demo
from tests.streams.given import event, facts_of


def drifting_at(demo: Demo, at: datetime) -> list[Drift]:
    return drifting(demo.store, demo.compiled, repository.baselines(demo.store), at)


@pytest.fixture(scope="module")
def stories(demo: Demo) -> dict[tuple[str, str], Drift]:
    DetectionRunner(demo.store, DetectionPolicy(1.0, DEFAULT_SHIFTS)).look(demo.compiled, END, 0.0)
    return {
        (drift.department, drift.metric): drift
        for drift in drifting(demo.store, demo.compiled, repository.baselines(demo.store), END)
    }


def test_the_story_names_what_fell_and_which_touchpoint_did_it(stories: dict[tuple[str, str], Drift]) -> None:
    story = stories["service", "csat"]
    assert story.state == "down"
    assert story.before is not None
    assert story.after is not None
    assert story.after < story.before - 8
    main = story.contributions["touchpoint"][0]
    assert (main.group, main.change < 0) == ("service.switchboard", True)
    assert "csat of service down since" in story.text
    assert main.share is not None
    share = "more than all" if main.share > 1.005 else f"{main.share:.0%}"
    assert f"by touchpoint, service.switchboard makes {share} of it" in story.text


def test_contributions_add_up_to_the_change_in_every_dimension(stories: dict[tuple[str, str], Drift]) -> None:
    assert len(stories) > 1
    for story in stories.values():
        assert story.before is not None
        assert story.after is not None
        for parts in story.contributions.values():
            assert sum(part.change for part in parts) == pytest.approx(story.after - story.before)


def test_a_change_of_owner_near_the_begin_is_reported_for_both_departments(demo: Demo) -> None:
    row = {
        "at": datetime(2026, 10, 20, tzinfo=UTC), "department": "service", "metric": "ces", "state": "down",
        "direction": "down", "since": datetime(2026, 10, 5, tzinfo=UTC), "statistic": 40.0, "threshold": 30.0,
        "baseline_id": "service/ces/1", "withdrawn": 0,
    }  # fmt: skip
    demo.store.insert("drift", list(row), [[value] for value in row.values()])
    (story,) = (
        drift
        for drift in drifting(
            demo.store, demo.compiled, repository.baselines(demo.store), datetime(2026, 10, 21, tzinfo=UTC)
        )
        if drift.metric == "ces" and drift.department == "service"
    )
    demo.store.insert("drift", list(row), [[value] for value in (row | {"withdrawn": 1}).values()])
    assert story.as_dict()["owner_changes"] == [
        {"at": datetime(2026, 10, 1, tzinfo=UTC), "touchpoint": "product.manual", "from": "product", "to": "service"}
    ]
    assert "on 1 October product.manual moved from product to service" in story.text


def test_what_was_noted_near_the_begin_is_part_of_the_story(demo: Demo, stories: dict[tuple[str, str], Drift]) -> None:
    since = stories["service", "csat"].since
    assert since is not None
    noted: tuple[tuple[str, datetime, dict[str, str]], ...] = (
        ("New telephones", since - timedelta(hours=2), {"touchpoint": "service.switchboard"}),
        ("Strike", since + timedelta(days=2), {}),
        ("Far before", since - timedelta(days=13), {}),
        ("Too far before", since - timedelta(days=15), {}),
        ("Not ours", since, {"department": "marketing"}),
    )
    sent = [event(f"n-{text}", "note", at, text=text, **{"touchpoint": None, **of}) for text, at, of in noted]
    demo.store.insert_facts(facts_of(sent, demo.compiled))
    [story] = [drift for drift in drifting_at(demo, END) if (drift.department, drift.metric) == ("service", "csat")]
    assert [note.text for note in story.notes] == ["Far before", "New telephones", "Strike"]
    assert story.notes[1].touchpoint == "service.switchboard"
    assert f"noted on {since - timedelta(hours=2):%-d %B}: New telephones; " in story.text
    assert f"noted on {since + timedelta(days=2):%-d %B}: Strike; " in story.text
    assert "Far before" not in story.text


def test_before_the_first_alarm_nothing_drifts(demo: Demo) -> None:
    assert drifting_at(demo, END - timedelta(days=90)) == []


def test_an_alarm_that_has_ended_is_none() -> None:
    at, since = datetime(2026, 10, 2, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
    down = AlarmRow(at, "it", "ces", "down", "down", since, 31.0, 30.0, "it/ces/1")
    calm = AlarmRow(at + timedelta(days=1), "it", "ces", "calm", "none", None, 0.0, 30.0, "it/ces/1")
    assert in_alarm([down]) == [down]
    assert in_alarm([down, calm]) == []
