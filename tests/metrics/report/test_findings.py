import pytest

from metrics.governance.estimates import Estimate
from metrics.report.findings import FINDING_KINDS, Finding, scaled
from metrics.report.texts_en import ENGLISH
from tests.metrics.report.given import material

DECLARED_UNITS = ("count", "owners", "none", "metric")
"""Of a metric balances suppress it, and a volume of nothing is a figure."""


def test_a_sampled_figure_is_uncertain_below_thirty_observations_and_a_fact_never() -> None:
    assert Finding("balance", estimate=Estimate(1.0, (0.0, 2.0), 29, 29.0)).is_uncertain
    assert not Finding("balance", estimate=Estimate(1.0, (0.0, 2.0), 30, 30.0)).is_uncertain
    assert not Finding("orphan", estimate=Estimate(None, None, 3, 3.0)).is_uncertain
    assert not Finding("no_responsibility").is_uncertain


@pytest.mark.parametrize("kind", FINDING_KINDS)
def test_every_kind_has_its_section_and_what_it_says(kind: str) -> None:
    assert Finding(kind).of == FINDING_KINDS[kind]
    assert FINDING_KINDS[kind].section in ENGLISH.sections
    assert kind in ENGLISH.texts


def test_good_news_stand_together_and_nothing_bad_among_them() -> None:
    assert {kind.tone for kind in FINDING_KINDS.values() if kind.section == "good"} == {"good"}
    assert not [name for name, kind in FINDING_KINDS.items() if kind.tone == "good" and kind.section != "good"]


@pytest.mark.parametrize("kind", list(FINDING_KINDS))
def test_no_share_difference_index_or_price_is_said_of_fewer_than_five_observations(kind: str) -> None:
    one, few = Finding(kind, estimate=Estimate(0.0, None, 1, 1.0)), Finding(kind, estimate=Estimate(0.5, None, 9, 5.0))
    is_declared = kind in ("new_silo", "clear_lines") or FINDING_KINDS[kind].unit in DECLARED_UNITS
    assert one.shown == (one if is_declared else Finding(kind, estimate=Estimate(None, None, 1, 1.0)))
    assert one.is_suppressed is not is_declared
    assert few.shown == few
    assert few.is_uncertain is not is_declared


def test_material_gives_the_figures_of_a_measure_by_subject() -> None:
    assert material().of("clear_lines")[""].value == 1.0
    assert material().of("new_silo") == {}


def test_a_figure_without_value_or_interval_can_be_scaled() -> None:
    assert scaled(Estimate(None, None, 3, 3.0), 100) == Estimate(None, None, 3, 3.0)
