import pytest
from pydantic import ValidationError

from metrics.drift.detection import DEFAULT_SHIFTS
from streams.settings.drift import DriftSettings


def test_the_operator_decides_the_budget_and_the_smallest_shifts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert DriftSettings().policy().shifts == DEFAULT_SHIFTS
    monkeypatch.setenv("CXB_DRIFT_BUDGET", "3")
    monkeypatch.setenv("CXB_DRIFT_SHIFT_NPS", "8")
    found = DriftSettings().policy()
    assert (found.budget, found.shifts["nps"], found.shifts["csat"]) == (3, 8, DEFAULT_SHIFTS["csat"])


def test_a_budget_of_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXB_DRIFT_BUDGET", "0")
    with pytest.raises(ValidationError):
        DriftSettings()
