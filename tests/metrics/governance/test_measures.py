"""Every measure has a unit, by which whatever shows it writes it."""

from typing import get_args

from metrics.governance.measures import MEASURES, UNITS, WITHOUT_INTERVAL, MeasureUnit


def test_each_measure_has_one_unit_and_each_unit_a_measure() -> None:
    assert UNITS.keys() == set(MEASURES)
    assert set(UNITS.values()) == set(get_args(MeasureUnit))
    assert {UNITS[measure] for measure in MEASURES if measure.endswith("_s")} == {"s"}
    assert {UNITS[measure] for measure in MEASURES if measure.endswith("_share")} == {"share"}
    assert {UNITS[measure] for measure in MEASURES if measure.startswith("credit_")} == {"share"}
    assert set(WITHOUT_INTERVAL) <= set(MEASURES)
