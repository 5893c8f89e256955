"""What alerts say of a real store, and that series, `cxb drift` and the report mean the same at one instant."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy
from metrics.report.alert_facts import AlertText
from streams.drift.alerts import AlertTextCache, AlertTexts, alert_texts
from streams.drift.data_quality import quality_and_facts
from streams.drift.explanation import Drift, drifting
from streams.drift.repository import baselines
from streams.drift.series import DriftSeries
from streams.drift.watcher import DetectionRunner, DriftSnapshot
from streams.figures import minutes
from streams.figures.registry_in_force import department_names
from streams.governance import report
from streams.governance.counting import Question
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.drift.conftest import END, Demo
from tests.streams.given import event, facts_of

POLICY = DetectionPolicy(1.0, DEFAULT_SHIFTS)
PLANTED = ("service", "csat")


def watched(demo: Demo, ago: timedelta = timedelta(0)) -> DriftSnapshot:
    """What a worker has that looks at an instant for the first time."""
    snapshot = DetectionRunner(demo.store, POLICY).look(demo.compiled, END - ago, 0.0)
    quality = quality_and_facts(demo.store, demo.compiled, END - ago)
    texts = alert_texts(demo.store, demo.compiled, END - ago, quality)
    names = department_names(demo.compiled.registry)
    return replace(snapshot, data_quality=quality.states, texts=texts, names=names)


def drifting_at(demo: Demo, at: datetime) -> list[Drift]:
    """What drifts at an instant, with its story."""
    return drifting(demo.store, demo.compiled, baselines(demo.store), at)


def scraped(snapshot: DriftSnapshot, series: str) -> list[tuple[Mapping[str, str], float]]:
    """A series as Prometheus scrapes it: labels and value."""
    registry = CollectorRegistry()
    registry.register(DriftSeries(lambda: snapshot))
    [family] = [family for family in registry.collect() if family.name == series]
    return [(sample.labels, sample.value) for sample in family.samples]


def firing(snapshot: DriftSnapshot, companion: str) -> list[str]:
    """The departments for which a companion is firing."""
    states = scraped(snapshot, "cx_companion_state")
    return [labels["department"] for labels, value in states if value == 1 and labels["companion"] == companion]


@pytest.mark.long
def test_the_planted_drift_is_told_in_names_and_in_the_figures_that_cxb_drift_shows(demo: Demo) -> None:
    snapshot = watched(demo)
    [story] = [row for row in drifting_at(demo, END) if (row.department, row.metric) == PLANTED]
    assert story.before is not None
    assert story.after is not None
    assert story.since is not None
    main = story.contributions["touchpoint"][0]
    assert main.share is not None
    [said] = [
        labels
        for labels, _ in scraped(snapshot, "cx_alert_text")
        if (labels["alert"], labels["department"], labels["metric"]) == ("drift", *PLANTED)
    ]
    begin_s = int((story.since - timedelta(days=14)).timestamp())
    assert (said["name"], said["from"]) == ("CSAT", str(1000 * begin_s))
    assert said["description"].startswith("Owner: Customer service")
    assert ({"department": "service", "name": "Customer service"}, 1) in scraped(snapshot, "cx_department_info")
    assert said["summary"] == (
        f"Customer service: CSAT fell from {story.before:.1f} % to {story.after:.1f} % since {story.since:%-d %B} "
        f"({story.n_after} answers). Switchboard accounts for {100 * main.share:.0f} %."
    )


@pytest.mark.long
def test_at_one_instant_alert_command_and_report_agree_on_what_drifts_and_who_is_myopic(demo: Demo) -> None:
    # A calm instant, one while drifts begin, and the last.
    counts = [agreed(demo, timedelta(days=days)) for days in (40, 12, 0)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def agreed(demo: Demo, ago: timedelta) -> int:
    """How many drift at an instant; all who say so have been compared."""
    snapshot, states = watched(demo, ago), {-1.0: "down", 1.0: "up"}
    detectors = scraped(snapshot, "cx_drift_state")
    alerts = {(of["department"], of["metric"]): states[value] for of, value in detectors if value}
    command = {(row.department, row.metric): row.state for row in drifting_at(demo, END - ago)}
    assert alerts == command
    assert {(department, metric) for alert, department, metric in snapshot.texts if alert == "drift"} == set(command)

    question = Question(since=END - timedelta(days=89), at=END - ago)
    written = report.write(demo.store, demo.compiled, question).report
    kinds = {"drift_down": "down", "drift_up": "up", "moved_down": "down", "moved_up": "up"}
    reported = {(of.department, of.metric): kinds[of.kind] for of in written.findings if of.kind in kinds}
    assert reported.items() <= command.items()
    [places] = [part for part in written.parts if part.section == "drift"]
    assert len(reported) + places.omitted >= len(command)

    myopic = [of.department for of in written.findings if of.kind == "myopia"]
    assert firing(snapshot, "myopia") == myopic
    assert [department for alert, department, _ in snapshot.texts if alert == "myopia"] == myopic
    return len(command)


def test_a_touchpoint_that_fell_silent_is_named_with_its_last_hour(store: Store, compiled: CompiledRegistry) -> None:
    begin = END - timedelta(days=34)
    made = [
        event(f"{name}-{n}", "csat", begin + timedelta(hours=n), touchpoint=name)
        for name, hours in (("web.checkout", 24 * 31), ("delivery.parcel", 24 * 34))
        for n in range(hours)
    ]
    store.insert_facts(facts_of(made, compiled))
    list(minutes.refresh(store, timedelta(0)))
    texts = alert_texts(store, compiled, END, quality_and_facts(store, compiled, END))
    text = texts["silent_touchpoint", "sales", ""]
    last = begin + timedelta(hours=24 * 31)
    assert f"Checkout has sent no events since {last:%-d %B, %H:%M}." in text.summary
    assert "parcel" not in text.summary


def test_a_text_is_written_again_when_something_else_drifts_and_once_an_hour() -> None:
    cache, written = AlertTextCache(), list[tuple[str, float]]()

    def texts(about: str, now_s: float) -> AlertTexts:
        def write() -> AlertTexts:
            written.append((about, now_s))
            return {("drift", "sales", "nps"): AlertText(f"{about} {now_s:.0f}", "")}

        return cache.texts(about, now_s, write)

    for now_s in (0.0, 60.0, 3_599.0):
        assert texts("nps", now_s)["drift", "sales", "nps"].summary == "nps 0"
    texts("nps and csat", 3_599.5)
    texts("nps and csat", 7_199.0)
    texts("nps and csat", 7_199.5)
    assert written == [("nps", 0.0), ("nps and csat", 3_599.5), ("nps and csat", 7_199.5)]
