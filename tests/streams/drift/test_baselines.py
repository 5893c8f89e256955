from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy
from metrics.drift.subjects import Observation
from metrics.durations import HOUR_S
from streams.drift import repository
from streams.drift.baselines import NoBaseline, make_baselines, request_baseline
from streams.drift.observations import Observed
from streams.drift.watcher import DetectionRunner
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.drift.conftest import END, Demo

SPAN = (END - timedelta(days=60), END)


@pytest.mark.long
def test_baselines_make_themselves_once_and_stay(demo: Demo) -> None:
    DetectionRunner(demo.store, DetectionPolicy(1.0, DEFAULT_SHIFTS)).look(demo.compiled, END, 0.0)
    before = repository.baselines(demo.store)
    first, second = before["service", "csat"][:2]
    assert (first.reason, first.exposure, second.reason) == ("automatic", pytest.approx(1000, abs=5), "ownership")
    DetectionRunner(demo.store, DetectionPolicy(1.0, DEFAULT_SHIFTS)).look(demo.compiled, END, 0.0)
    assert repository.baselines(demo.store) == before
    notes = {row.id: row.note for row in repository.baseline_rows(demo.store)}
    assert notes["service/csat/2"] == "what was counted for service changed hands at 2026-10-01 00:00 UTC"


def test_a_baseline_on_request_takes_the_stretch_for_usual_from_now_on(demo: Demo) -> None:
    made = request_baseline(demo.store, demo.compiled, ("administration", "csat"), SPAN, END + timedelta(days=1))
    assert (made.reason, made.start_s, made.end_s) == ("request", *(int(at.timestamp()) for at in SPAN))
    assert made.valid_from_s == made.end_s + 86_400
    assert repository.baselines(demo.store)["administration", "csat"][-1] == made
    again = request_baseline(demo.store, demo.compiled, ("administration", "csat"), SPAN, END + timedelta(days=1))
    assert again.version == made.version + 1


def test_a_stretch_with_too_little_is_refused_in_one_sentence(demo: Demo) -> None:
    span = (END - timedelta(hours=1), END)
    with pytest.raises(NoBaseline, match="nps of sales has too little between 2026-11-24 11:00 and 2026-11-24 12:00"):
        request_baseline(demo.store, demo.compiled, ("sales", "nps"), span, END)


def test_a_company_that_declares_its_zone_gets_the_same_baselines_with_the_hours_of_its_clocks(
    store: Store, compiled: CompiledRegistry
) -> None:
    begin_s = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())
    steps = [Observation(begin_s + HOUR_S * (hour + 1), 0, 5.0 + hour % 24) for hour in range(60 * 24)]
    observed = Observed({("sales", "traffic"): steps, ("sales", "nps"): []}, {})
    until_s = begin_s + 60 * 24 * HOUR_S
    made = make_baselines(store, compiled, {}, observed, until_s)
    [first] = made["sales", "traffic"]
    assert first.timezone == "UTC"

    in_rome = replace(compiled, registry=replace(compiled.registry, timezone="Europe/Rome"))
    moved = make_baselines(store, in_rome, repository.baselines(store), observed, until_s)["sales", "traffic"]
    assert moved == repository.baselines(store)["sales", "traffic"]
    assert [(item.version, item.timezone, item.start_s, item.end_s) for item in moved] == [
        (1, "UTC", first.start_s, first.end_s), (2, "Europe/Rome", first.start_s, first.end_s),
    ]  # fmt: skip
    assert moved[0] == first
    assert moved[1].valid_from_s == until_s
    # In winter Rome is an hour ahead: nine there is what eight was.
    assert moved[1].rhythm[9] == pytest.approx(first.rhythm[8])
    assert repository.baseline_rows(store)[-1].note == "the same, with hours of Europe/Rome"
    assert make_baselines(store, in_rome, repository.baselines(store), observed, until_s)["sales", "traffic"] == moved
