"""Which departments are called myopic."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from metrics.drift.myopia import FALSE_NAMES, LONG_AGO, myopic
from metrics.figures.balances import Balance, Moment
from metrics.registry import Horizons, Target

AT = datetime(2026, 3, 1, tzinfo=UTC)
TARGETS = [Target("nps", None, 0.0, 100.0, None, 1.0), Target("conversion_rate", None, 0.0, 100.0, None, 1.0)]


def figures(at: datetime, **departments: tuple[float, float]) -> Moment:
    """Of each department the short-term and the long-term index; each has a standard error of 2."""
    rows = []
    for department, values in departments.items():
        for metric, term, value in zip(("conversion_rate", "nps"), ("short", "long"), values, strict=True):
            rows.append(
                Balance(AT, "as_was", department, metric, term, term, value, value - 3.92, value + 3.92, 90, 90.0, "")  # type: ignore[arg-type]
            )
    return Moment(at.timestamp(), rows, {})


BEFORE = figures(AT - LONG_AGO, it=(50, 50), sales=(50, 50), cx=(50, 50))


def named(now: Moment, *departments: str) -> list[str]:
    return list(myopic(BEFORE, now, departments or ("it", "sales", "cx"), TARGETS, Horizons()))


def test_myopia_needs_both_a_rise_and_a_fall() -> None:
    assert named(figures(AT, it=(60, 40), sales=(60, 51), cx=(49, 40))) == ["it"]
    assert named(figures(AT, it=(40, 60), sales=(60, 60), cx=(40, 40))) == []


def test_how_much_both_have_changed_is_told() -> None:
    [found] = myopic(BEFORE, figures(AT, it=(60, 35)), ["it"], TARGETS, Horizons()).values()
    assert (found.short.value, found.long.value) == (10, -15)
    assert found.p == found.short.p(1) == pytest.approx(2.03e-4, rel=1e-2)


def test_of_more_departments_each_must_be_surer_so_that_all_together_are_rarely_wrong() -> None:
    now = figures(AT, it=(55.5, 44), sales=(50, 50), cx=(50, 50))
    assert FALSE_NAMES / 3 < myopic(BEFORE, now, ["it"], TARGETS, Horizons())["it"].p < FALSE_NAMES
    assert named(now) == []


def test_a_department_without_figures_at_both_instants_is_not_compared() -> None:
    now = figures(AT, it=(60, 40))
    uncertain = [replace(row, n_eff=29.9) if row.metric == "nps" else row for row in now.balances]
    assert named(replace(now, balances=uncertain)) == []
    assert named(now, "it", "nobody") == ["it"]
