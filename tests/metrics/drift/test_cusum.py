from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.drift.cusum import DetectorState, Reference, Thresholds, advance, begin
from metrics.drift.subjects import Observation
from metrics.zones import zone_of

RULE = Reference(mean=0.5, sd=0.5, least=0, limits=[Thresholds(0, 5, 5, 0.1)])
WARY = Reference(mean=0.5, sd=0.5, least=0, limits=[Thresholds(0, 50, 5, 0.1)])


def steps(*totals: float, first: int = 1) -> list[Observation]:
    return [Observation(60 * (first + i), 1, total) for i, total in enumerate(totals)]


def test_what_stays_at_its_level_is_calm() -> None:
    detector_state, changes = advance(RULE, begin(0), steps(*[0.0, 1.0] * 50))
    assert (detector_state.state, changes) == ("calm", [])
    assert detector_state.since_s is None


def test_a_fall_is_reported_with_its_last_zero() -> None:
    detector_state, changes = advance(RULE, begin(0), steps(*[1.0] * 3, *[0.0] * 8))
    [change] = changes
    # Three answers up leave the falls at zero until minute 3; then 0.9 each: above 5 with the sixth.
    assert (change.state, change.at_s, change.since_s, change.threshold) == ("down", 60 * 9, 60 * 3, 5)
    assert detector_state.state == "down"
    assert detector_state.shown(RULE.limits[0])[0] > 5


def test_a_rise_is_reported_as_well() -> None:
    _, [change] = advance(RULE, begin(0), steps(*[1.0] * 7))
    assert change.state == "up"


def test_an_alarm_ends_when_the_statistic_is_back_at_zero() -> None:
    detector_state, changes = advance(WARY, begin(0), steps(*[0.0] * 7, *[1.0] * 6))
    assert [change.state for change in changes] == ["down", "calm"]
    assert changes[1].since_s is None
    assert detector_state.down == 0


def test_after_a_long_fall_recovery_is_reported_soon() -> None:
    _, changes = advance(WARY, begin(0), steps(*[0.0] * 1000, *[1.0] * 11))
    assert [change.state for change in changes] == ["down", "calm"]


def test_a_sudden_turn_changes_sides() -> None:
    _, changes = advance(RULE, begin(0), [*steps(*[1.0] * 20), Observation(60 * 30, 40, 0.0)])
    assert [change.state for change in changes] == ["up", "down"]
    _, changes = advance(RULE, begin(0), [*steps(*[0.0] * 20), Observation(60 * 30, 40, 40.0)])
    assert [change.state for change in changes] == ["down", "up"]


def test_steps_are_taken_together_until_there_is_enough() -> None:
    rule = Reference(0.5, 0.5, 3, RULE.limits)
    detector_state, _ = advance(rule, begin(0), steps(0.0, 0.0))
    assert (detector_state.exposure, detector_state.down) == (2, 0)
    detector_state, _ = advance(rule, detector_state, steps(0.0, first=3))
    assert (detector_state.exposure, round(detector_state.down, 6)) == (0, 2.7)


def test_a_threshold_holds_from_its_instant_on() -> None:
    rule = Reference(0.5, 0.5, 0, [Thresholds(0, 5, 5, 0.1), Thresholds(60 * 4, 2, 3, 0.1)])
    _, [change] = advance(rule, begin(0), steps(*[0.0] * 7))
    assert (change.at_s, change.threshold) == (60 * 4, 3)


def hours(*totals: float) -> list[Observation]:
    return [Observation(3600 * (1 + i), 1, total) for i, total in enumerate(totals)]


def test_one_great_day_adds_to_rises_what_a_day_may_and_a_second_one_is_an_alarm() -> None:
    rule = Reference(1.0, 1.0, 0, [Thresholds(0, 50, 50, 0.5, 30)])
    usual, great = [1.0] * 24, [1.0] * 8 + [20.0] * 8 + [1.0] * 8
    one, changes = advance(rule, begin(0), hours(*great))
    assert (changes, one.state) == ([], "calm")
    assert one.up == 30 - 8 * 0.5
    assert advance(rule, begin(0), hours(*great, *usual, *usual, *usual, *great))[1] == []
    _, [change] = advance(rule, begin(0), hours(*great, *great))
    assert (change.state, change.at_s) == ("up", 3600 * (24 + 8 + 2))


def test_a_day_that_stops_is_an_alarm_at_once() -> None:
    rule = Reference(20.0, 1.0, 0, [Thresholds(0, 50, 50, 0.5, 30)])
    _, [change] = advance(rule, begin(0), hours(20.0, 20.0, 0.0, 0.0, 0.0))
    assert (change.state, change.at_s) == ("down", 3600 * 5)


def test_days_are_those_of_the_companys_clocks() -> None:
    totals = [1.0] * 22 + [20.0] * 4
    in_utc, in_rome = (
        advance(Reference(1.0, 1.0, 0, [Thresholds(0, 50, 50, 0.5, 30)], zone_of(name)), begin(0), hours(*totals))
        for name in ("UTC", "Europe/Rome")
    )
    # Two of the four great hours are before midnight in UTC, and one of them in Rome.
    assert (in_utc[0].up, in_utc[0].state) == (60, "up")
    assert (in_rome[0].up, in_rome[0].state) == (48.5, "calm")


def test_in_calm_the_side_closer_to_its_threshold_is_shown() -> None:
    assert DetectorState(0, up=2, down=3).shown(Thresholds(0, 10, 30, 0.1)) == (2, 10)
    assert DetectorState(0, up=2, down=8).shown(Thresholds(0, 10, 30, 0.1)) == (8, 30)


ANSWERS = st.lists(st.sampled_from([0.0, 0.5, 1.0]), max_size=80)


@settings(deadline=None)
@given(ANSWERS, st.integers(0, 80))
def test_a_replay_from_any_point_gives_the_same_alarms(totals: list[float], cut: int) -> None:
    whole, changes = advance(RULE, begin(0), steps(*totals))
    middle, early = advance(RULE, begin(0), steps(*totals)[:cut])
    end, late = advance(RULE, middle, steps(*totals)[cut:])
    assert (end, early + late) == (whole, changes)


@settings(deadline=None)
@given(ANSWERS)
def test_a_mirrored_stream_alarms_on_the_other_side(totals: list[float]) -> None:
    _, changes = advance(RULE, begin(0), steps(*totals))
    _, mirrored = advance(RULE, begin(0), steps(*(1 - total for total in totals)))
    other = {"up": "down", "down": "up", "calm": "calm"}
    assert [(c.at_s, other[c.state], c.since_s) for c in changes] == [(c.at_s, c.state, c.since_s) for c in mirrored]
