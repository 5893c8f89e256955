from datetime import timedelta

import pytest

from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy
from streams.drift import repository
from streams.drift.baselines import NoBaseline, request_baseline
from streams.drift.watcher import DetectionRunner
from tests.streams.drift.conftest import END, Demo

SPAN = (END - timedelta(days=60), END)


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
