"""A figure that moved because touchpoints changed hands is no department's fall."""

from datetime import datetime, timedelta
from typing import Any

from metrics.drift.baselines import Baseline
from metrics.drift.detection import Alarm
from metrics.report.findings import AlarmsOfMonth, MetricInAlarm
from streams.drift import repository
from streams.figures import minutes
from streams.governance import report
from streams.governance.counting import Question
from streams.governance.reorganised import drift_at
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import NOON, REGISTRY, event, facts_of, rules_of

DAY = timedelta(days=1)
AT = NOON + 9 * DAY
COMPILED = rules_of(REGISTRY + '\n[[ownership]]\ntouchpoint = "web.help"\nowner = "marketing"\n')
"""Checkout passes from marketing to sales on the day of NOON; help stays with marketing."""
MOVED, STAYED = ("web.checkout",), ()


def metrics_in_alarm(store: Store, compiled: CompiledRegistry, at: datetime) -> tuple[MetricInAlarm, ...]:
    return drift_at(store, compiled, 1.0, at).drifts


def answers(first: int, touchpoint: str, since: datetime, scores: list[int], days: int = 8) -> list[dict[str, Any]]:
    return [
        event(first + n, "csat", since + timedelta(hours=n * 24 * days / 80), touchpoint=touchpoint, score=score)
        for n, score in enumerate(scores * (80 // len(scores)))
    ]


def alarmed(store: Store, before: dict[str, list[int]], after: dict[str, list[int]], direction: Any = "down") -> None:
    """Lands the answers before and after NOON, and an alarm on marketing's CSAT that compares them."""
    facts = [
        fact
        for place, (since, scores) in enumerate([(NOON - 20 * DAY, before), (NOON + DAY / 2, after)])
        for number, (touchpoint, said) in enumerate(scores.items())
        for fact in answers(1_000 * place + 100 * number, touchpoint, since, said)
    ]
    store.insert_facts(facts_of(facts, COMPILED))
    list(minutes.refresh(store, timedelta(seconds=3)))
    start_s, end_s = (int((NOON + n * DAY).timestamp()) for n in (-20, -10))
    baseline = Baseline("marketing", "csat", 1, "automatic", start_s, end_s, end_s, 1e3, 0.6, 0.5, 0.0, 1.0, 150.0)
    repository.save_baselines(store, [(baseline, "")])
    since_s = int((NOON + DAY / 2).timestamp())
    alarm = Alarm(since_s + 86_400, "marketing", "csat", direction, since_s, 40.0, 30.0, "marketing/csat/1")
    repository.save_alarms(store, [alarm], 0)


def test_a_department_that_lost_a_liked_touchpoint_has_not_fallen(store: Store) -> None:
    alarmed(store, {"web.checkout": [5], "web.help": [1, 1, 1, 5]}, {"web.checkout": [5], "web.help": [1, 1, 1, 5]})
    [alarm] = metrics_in_alarm(store, COMPILED, AT)
    assert (alarm.department, alarm.moved) == ("marketing", MOVED)
    assert alarm.moved_share > 0.5
    written = report.write(store, COMPILED, Question(NOON - 30 * DAY, AT))
    [drift] = [finding for finding in written.report.findings if finding.of.section == "drift"]
    assert (drift.kind, drift.other) == ("moved_down", "web.checkout")
    assert "because touchpoints changed hands (Checkout)" in written.text("md")


def test_a_department_whose_other_touchpoint_became_worse_has_fallen_although_one_left(store: Store) -> None:
    alarmed(store, {"web.checkout": [4, 1], "web.help": [4, 1]}, {"web.checkout": [4], "web.help": [1]})
    [alarm] = metrics_in_alarm(store, COMPILED, AT)
    assert alarm.moved == MOVED
    assert alarm.moved_share < 0.5
    findings = report.write(store, COMPILED, Question(NOON - 30 * DAY, AT)).report.findings
    assert [finding.kind for finding in findings if finding.of.section == "drift"] == ["drift_down"]


def test_where_nothing_changed_hands_nothing_else_explains_a_fall(store: Store) -> None:
    alarmed(store, {"web.help": [5]}, {"web.help": [1]})
    [alarm] = metrics_in_alarm(store, COMPILED, AT)
    assert (alarm.moved_share, alarm.moved) == (0.0, STAYED)


def test_what_has_a_baseline_in_force_is_watched(store: Store, compiled: CompiledRegistry) -> None:
    at_s = int(NOON.timestamp())
    baseline = Baseline("sales", "nps", 1, "automatic", 0, at_s, at_s, 1000.0, 0.2, 0.8, 0.0, 1.0, 150.0)
    repository.save_baselines(store, [(baseline, "")])
    assert drift_at(store, compiled, 2.0, NOON).watched == {("sales", "nps")}
    assert drift_at(store, compiled, 2.0, NOON - DAY).watched == frozenset()
    assert drift_at(store, compiled, 2.0, NOON).alarms == AlarmsOfMonth(1, 2.0, 0, 0)
    store.insert_facts(facts_of([event(n, "csat", NOON - DAY, score=4) for n in range(3)], compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    written = report.write(store, compiled, Question(NOON - 30 * DAY, NOON))
    [section] = [part for part in report.as_json(written)["sections"] if part["section"] == "drift"]
    assert section["nothing"] == "No metric that is watched is falling below its usual level."
    [finding] = [finding for finding in written.report.findings if finding.kind == "unwatched"]
    assert finding.other == "marketing/csat"
    earlier = report.write(store, compiled, Question(NOON - 30 * DAY, NOON - DAY / 2))
    [section] = [part for part in report.as_json(earlier)["sections"] if part["section"] == "drift"]
    assert section["nothing"] == "Nothing is watched for drift yet: no metric has a baseline."
