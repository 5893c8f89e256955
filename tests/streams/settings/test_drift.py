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


def test_the_operator_says_how_far_a_level_may_wander(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(DriftSettings().policy().tolerances.values()) == {0}
    monkeypatch.setenv("CXB_DRIFT_TOLERANCE_CSAT", "2.5")
    assert DriftSettings().policy().tolerances["csat"] == 2.5


@pytest.mark.parametrize("tolerance", ["-1", "10"])
def test_a_tolerance_is_not_negative_and_below_the_shift_that_is_worth_acting_on(
    monkeypatch: pytest.MonkeyPatch, tolerance: str
) -> None:
    monkeypatch.setenv("CXB_DRIFT_TOLERANCE_CSAT", tolerance)
    with pytest.raises(ValidationError, match=r"greater than or equal to 0|must be below shift_csat"):
        DriftSettings()


def test_a_budget_of_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXB_DRIFT_BUDGET", "0")
    with pytest.raises(ValidationError):
        DriftSettings()
