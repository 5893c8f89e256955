"""Event studies: bands that hold for all weeks together, and a test of the weeks before the change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.customers import Floats
from metrics.governance.event_study import EventStudy, Weekly, study, together
from tests.known import known
from tests.metrics.governance.given import law

BEFORE, AFTER = 8, 5


def sizes(generator: np.random.Generator, units: int) -> Floats:
    """By unit and week: levels that wander, so that weeks depend on each other, and late weeks are large."""
    drawn = generator.normal(size=(2, units, BEFORE + AFTER))
    return np.asarray(drawn[0] + drawn[1].cumsum(axis=1))


def study_of(some: Floats, error: float = 1.0) -> EventStudy:
    """The first unit, the others being its placebos."""
    own = Weekly(some[0] * error, np.full(some.shape[1], error), np.full(some.shape[1], 9.0), BEFORE)
    return study(own, some[0], some[1:])


def test_a_band_holds_all_weeks_of_what_did_not_change_and_the_leads_differ_as_rarely_as_promised() -> None:
    generator, within, differing = np.random.default_rng(1), 0, 0
    for _ in range(1_000):
        found = study_of(sizes(generator, 40))
        bands = [known(week.effect.ci) for week in found.weeks]
        within += all(low <= 0 <= high for low, high in bands)
        differing += found.differs_before
    assert 0.93 <= within / 1_000 <= 0.97
    assert 0.03 <= differing / 1_000 <= 0.07


def test_what_differed_before_is_told_and_its_weeks_after_are_not() -> None:
    some = sizes(np.random.default_rng(2), 40)
    some[0, :BEFORE] += 12 * np.linspace(-1, 1, BEFORE)
    found = study_of(some)
    assert found.differs_before
    assert found.leads_p == pytest.approx(1 / 40)
    shown = found.without_lags
    assert [week.effect.value is None for week in shown.weeks] == [False] * BEFORE + [True] * AFTER
    assert shown.leads_p == found.leads_p
    assert not EventStudy().differs_before


def test_too_few_placebos_make_no_band() -> None:
    found = study_of(sizes(np.random.default_rng(3), 19))
    assert {week.effect.ci for week in found.weeks} == {None}
    assert [week.week for week in found.weeks] == list(range(-BEFORE, AFTER))


@law
@given(st.integers(0, 1_000), st.floats(0.01, 50))
def test_another_unit_of_the_figure_changes_its_scale_alone(seed: int, error: float) -> None:
    some = sizes(np.random.default_rng(seed), 25)
    one, other = study_of(some), study_of(some, error)
    assert one.leads_p == other.leads_p
    for week, scaled in zip(one.weeks, other.weeks, strict=True):
        assert scaled.effect.value == pytest.approx(known(week.effect.value) * error)
        assert scaled.effect.ci == pytest.approx([end * error for end in known(week.effect.ci)])


def test_several_changes_are_laid_over_each_other_by_week_from_the_change() -> None:
    early = Weekly(np.arange(13.0), np.full(13, 3.0), np.full(13, 5.0), BEFORE)
    late = Weekly(np.arange(10.0), np.full(10, 4.0), np.full(10, 6.0), BEFORE - 2)
    both = together([early.cut(6, 4), late.cut(6, 4)])
    assert both.before == 6
    assert both.gaps.tolist() == [(2 + 2 * week) / 2 for week in range(10)]
    assert both.errors == pytest.approx(np.full(10, 12.5**0.5))
    assert both.answers.tolist() == [11.0] * 10
