"""Which departments get better or worse, beyond noise."""

import pytest

from metrics.registry import Horizons
from metrics.report.movements import COMPARED_WITH, movements
from tests.metrics.drift.test_myopia import AT, TARGETS, figures

BEFORE = figures(AT - COMPARED_WITH, it=(50, 50), sales=(50, 50), cx=(50, 50))


def test_a_change_of_many_is_beyond_noise_only_where_it_holds_among_all_of_them() -> None:
    now = figures(AT, it=(56, 40), sales=(50, 50), cx=(50, 50))
    found = movements(BEFORE, now, ["it", "sales", "cx"], TARGETS, Horizons())
    assert [(one.department, one.term) for one in found] == [
        (name, term) for name in ("it", "sales", "cx") for term in ("short", "long")
    ]
    assert [one.is_beyond_noise for one in found] == [False, True, False, False, False, False]
    assert (found[0].change.value, found[1].change.value) == pytest.approx((6, -10))
    # By itself it would hold: the interval does not contain 0.
    assert found[0].change.ci[0] > 0
    alone = movements(BEFORE, now, ["it"], TARGETS, Horizons())
    assert [one.is_beyond_noise for one in alone] == [True, True]


def test_nothing_is_told_of_a_department_without_figures_at_both_instants() -> None:
    assert movements(BEFORE, figures(AT, it=(60, 40)), ["sales", "nobody"], TARGETS, Horizons()) == []
