import pytest

from metrics.catalogue import METRICS
from metrics.drift.subjects import SUBJECTS, Tally

TALLIES = {
    "nps": Tally(n=10, counted=10, promoters=5, detractors=2, score=80),
    "csat": Tally(n=8, counted=8, satisfied=6, score=32),
    "ces": Tally(n=4, counted=4, score=20),
    "visit": Tally(n=3, counted=50),
    "conversion": Tally(n=5, counted=5),
    "repeat_purchase": Tally(n=2, counted=2),
    "renewal": Tally(n=9, counted=9),
    "referral": Tally(n=1, counted=1),
    "awareness": Tally(n=2, counted=70),
}


def test_every_metric_of_the_catalogue_is_watched() -> None:
    assert set(SUBJECTS) == set(METRICS)
    assert all(subject.kinds == METRICS[name].kinds for name, subject in SUBJECTS.items())


@pytest.mark.parametrize(
    ("metric", "exposure", "total"),
    [
        ("nps", 10, 3),
        ("csat", 8, 6),
        ("ces", 4, 20),
        ("repeat_rate", 7, 2),
        ("retention", 9, 9),
        ("conversion_rate", 50, 5),
        ("traffic", 0, 50),
        ("awareness", 0, 70),
        ("referrals", 0, 1),
        ("conversions", 0, 5),
    ],
)
def test_a_metric_is_made_of_what_its_kinds_hold(metric: str, exposure: int, total: int) -> None:
    assert SUBJECTS[metric].observe(TALLIES) == (exposure, total)


@pytest.mark.parametrize("metric", SUBJECTS)
def test_nothing_is_observed_where_nothing_happened(metric: str) -> None:
    assert SUBJECTS[metric].observe({}) == (0, 0)


def test_answers_are_taken_by_the_minute_and_counts_by_the_hour() -> None:
    assert {name: subject.width_s for name, subject in SUBJECTS.items() if subject.width_s == 60} == dict.fromkeys(
        ("nps", "csat", "ces", "repeat_rate", "retention"), 60
    )


def test_tallies_add_up() -> None:
    assert TALLIES["nps"].plus(TALLIES["csat"]) == Tally(18, 18, 5, 2, 6, 112)
