from dataclasses import replace

from metrics.drift.baselines import Baseline
from metrics.drift.cusum import DriftState
from metrics.drift.detection import Alarm
from metrics.drift.onset import Onset
from streams.drift import repository
from streams.store.client import Store
from streams.timestamps import from_epoch

DAY_S = 86_400
BASELINE = Baseline("sales", "nps", 1, "automatic", 60, DAY_S, DAY_S, 1000.0, 0.25, 0.8, -0.3, 1.0, 150.0, (1.5,) * 168)
ALARM = Alarm(10 * DAY_S, "sales", "nps", "down", 9 * DAY_S, 31.5, 30.0, "sales/nps/1")


def test_a_baseline_comes_back_as_it_was(store: Store) -> None:
    second = replace(BASELINE, version=2, reason="request", timezone="Europe/Rome")
    repository.save_baselines(store, [(second, "why"), (BASELINE, "")])
    assert repository.baselines(store) == {("sales", "nps"): [BASELINE, second]}
    assert [row.note for row in repository.baseline_rows(store)] == ["", "why"]
    repository.save_baselines(store, [])


def test_what_is_kept_of_baselines_is_read_again_when_another_is_saved(store: Store) -> None:
    kept = repository.KeptBaselines(store)
    assert kept.all() == {}
    for version in (1, 2):
        repository.save_baselines(store, [(replace(BASELINE, version=version), "")])
        assert kept.all() == repository.baselines(store)
        assert len(kept.all()["sales", "nps"]) == version
        assert kept.all() is kept.all()


def test_an_alarm_is_a_row_and_the_same_again_is_none(store: Store) -> None:
    calm = replace(ALARM, at_s=11 * DAY_S, state="calm", since_s=None)
    assert repository.save_alarms(store, [ALARM, calm], 0) == 2
    assert repository.save_alarms(store, [ALARM, calm], 0) == 0
    first, second = repository.alarms(store)
    assert (first.state, first.direction, first.since) == ("down", "down", from_epoch(9 * DAY_S))
    assert (second.state, second.direction, second.since) == ("calm", "none", None)


def test_between_which_instants_a_drift_began_is_kept_and_makes_no_other_alarm_of_it(store: Store) -> None:
    repository.save_alarms(store, [replace(ALARM, onset=Onset(8 * DAY_S, 10 * DAY_S - 1))], 0)
    [row] = repository.alarms(store)
    assert (row.since_from, row.since_to) == (from_epoch(8 * DAY_S), from_epoch(10 * DAY_S - 1))
    assert repository.save_alarms(store, [ALARM], 0) == 0


def test_an_alarm_of_an_earlier_version_has_no_such_instants(store: Store) -> None:
    row = {"at": from_epoch(DAY_S), "department": "sales", "metric": "nps", "state": "down", "direction": "down",
           "since": from_epoch(60), "statistic": 31.5, "threshold": 30.0, "baseline_id": "sales/nps/1"}  # fmt: skip
    store.insert("drift", list(row), [[value] for value in row.values()])
    [kept] = repository.alarms(store)
    assert (kept.since_from, kept.since_to) == (None, None)


def test_what_no_longer_holds_is_withdrawn_and_may_come_back(store: Store) -> None:
    later = replace(ALARM, at_s=12 * DAY_S)
    repository.save_alarms(store, [ALARM, later], 0)
    assert repository.save_alarms(store, [], 11 * DAY_S) == 1
    assert [row.at for row in repository.alarms(store)] == [from_epoch(ALARM.at_s)]
    assert repository.save_alarms(store, [later], 11 * DAY_S) == 1
    assert len(repository.alarms(store)) == 2
    assert repository.save_alarms(store, [replace(later, baseline_id="sales/nps/2")], 11 * DAY_S) == 1


def test_the_budget_is_used_by_alarms_of_the_time_and_by_nothing_that_was_withdrawn(store: Store) -> None:
    states: list[tuple[int, DriftState]] = [(9, "down"), (10, "calm"), (11, "up")]
    changes = [replace(ALARM, at_s=day * DAY_S, state=state) for day, state in states]
    repository.save_alarms(store, [*changes, replace(ALARM, at_s=12 * DAY_S)], 0)
    repository.save_alarms(store, changes, 0)
    assert repository.count_alarms(store, 9 * DAY_S, 30 * DAY_S).alarms == 1  # the start is not of the time, its end is
    assert repository.count_alarms(store, 8 * DAY_S, 11 * DAY_S).alarms == 2
    assert repository.count_alarms(store, 12 * DAY_S, 13 * DAY_S).alarms == 0


def test_an_explained_alarm_counts_apart_from_the_budget(store: Store) -> None:
    later = replace(ALARM, at_s=12 * DAY_S, metric="csat")
    repository.save_alarms(store, [ALARM, later], 0, lambda alarm: "ownership" if alarm.metric == "csat" else "none")
    counted = repository.count_alarms(store, 0, 30 * DAY_S)
    assert (counted.alarms, counted.explained) == (1, 1)
    assert [row.explained_by for row in repository.alarms(store)] == ["ownership", "none"]
