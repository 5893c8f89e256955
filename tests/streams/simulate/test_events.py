import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from streams.simulate import SIMULATED_COMPANY, endless_events, events, ndjson, rate_per_hour

Event = dict[str, object]
START = datetime(2026, 9, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def when(event: Event) -> datetime:
    return datetime.fromisoformat(str(event["occurred_at"]))


def csat_by_touchpoint(history: Iterable[Event]) -> dict[str, list[int]]:
    scores = defaultdict(list)
    for event in history:
        if event["kind"] == "csat":
            scores[str(event["touchpoint"])].append(int(str(event["score"])))
    return scores


def fall(before: list[int], after: list[int]) -> float:
    """How far the share of satisfied customers fell, in standard errors of two proportions."""
    satisfied = [sum(score >= 4 for score in scores) for scores in (before, after)]
    pooled = sum(satisfied) / (len(before) + len(after))
    error = math.sqrt(pooled * (1 - pooled) * (1 / len(before) + 1 / len(after)))
    return (satisfied[0] / len(before) - satisfied[1] / len(after)) / error


def mean_score(history: Iterable[Event], kind: str, touchpoints: Iterable[str]) -> float:
    scores = [int(str(e["score"])) for e in history if e["kind"] == kind and e["touchpoint"] in set(touchpoints)]
    return sum(scores) / len(scores)


def test_same_arguments_give_the_same_bytes() -> None:
    first, second = (b"".join(ndjson(events(seed=1, start=day(0), end=day(3), count=500))) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("changed", [{"seed": 2}, {"end": day(4)}, {"count": 501}])
def test_other_arguments_give_other_events_with_ids_of_their_own(changed: dict[str, object]) -> None:
    arguments = {"seed": 1, "start": day(0), "end": day(3), "count": 500}
    ids, others = ({e["event_id"] for e in events(**kwargs)} for kwargs in (arguments, arguments | changed))  # type: ignore[arg-type]
    assert not ids & others


@pytest.mark.parametrize("count", [0, 1, 2, 999])
def test_the_count_is_exact(count: int) -> None:
    assert sum(1 for _ in events(seed=1, start=day(0), end=day(3), count=count)) == count


def test_every_event_obeys_the_contract(history: list[Event], broken_rules: Callable[[object], list[str]]) -> None:
    assert Counter(rule for event in history for rule in broken_rules(event)) == Counter()


def test_event_ids_are_unique(history: list[Event]) -> None:
    assert len({event["event_id"] for event in history}) == len(history)


def test_events_come_in_order_of_time_and_fill_the_window(history: list[Event], end: datetime) -> None:
    moments = [when(event) for event in history]
    assert moments == sorted(moments)
    assert end - timedelta(days=90) <= moments[0] < end - timedelta(days=89)
    assert end - timedelta(days=1) < moments[-1] < end


@pytest.mark.parametrize("length", [timedelta(milliseconds=1), timedelta(seconds=1), timedelta(minutes=90)])
def test_a_short_window_that_cuts_its_hours_keeps_its_bounds(length: timedelta) -> None:
    start = datetime(2026, 9, 1, 9, 45, 0, 500, tzinfo=UTC)
    moments = [when(event) for event in events(seed=3, start=start, end=start + length, count=300)]
    assert start <= moments[0]
    assert moments[-1] < start + length


def test_the_zone_of_the_window_does_not_matter_to_the_order_or_the_bounds() -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    start = datetime(2026, 9, 1, tzinfo=kathmandu)
    moments = [when(event) for event in events(seed=3, start=start, end=start + timedelta(hours=5), count=300)]
    assert start <= moments[0]
    assert moments[-1] < start + timedelta(hours=5)
    assert moments == sorted(moments)


def test_all_kinds_touchpoints_segments_regions_and_currencies_occur(history: list[Event]) -> None:
    def values(field: str) -> set[object]:
        return {event[field] for event in history if field in event}

    assert len(values("kind")) == 11
    assert values("touchpoint") == {plan.id for plan in SIMULATED_COMPANY.touchpoints}
    assert values("segment") == {"consumer", "smb", "enterprise"}
    assert values("region") == {region.name for region in SIMULATED_COMPANY.regions}
    assert values("currency") == {"EUR", "USD"}
    assert len(values("source")) >= 7


def test_offices_have_two_peaks_a_day_and_rest_at_night_and_at_weekends(history: list[Event]) -> None:
    moments = [when(event) for event in history if event["touchpoint"] == "service.switchboard"]
    hours = Counter(moment.hour for moment in moments)
    assert sum(hours[h] for h in range(9, 17)) > 20 * sum(hours[h] for h in (22, 23, 0, 1, 2, 3, 4, 5))
    assert min(hours[10], hours[15]) > 1.5 * hours[12]
    days = Counter(moment.weekday() for moment in moments)
    assert min(days[d] for d in range(5)) > 4 * max(days[5], days[6])


def test_the_company_as_a_whole_is_busier_by_day_than_by_night(history: list[Event]) -> None:
    hours = Counter(when(event).hour for event in history)
    assert min(hours[h] for h in range(9, 18)) > 3 * max(hours[h] for h in range(5))


def test_the_net_is_busy_at_every_hour_of_the_week(history: list[Event]) -> None:
    hours = Counter((when(e).weekday(), when(e).hour) for e in history if e["source"] == "web-shop")
    assert len(hours) == 168


def test_satisfaction_slides_at_the_drifting_touchpoint_and_nowhere_else(history: list[Event], end: datetime) -> None:
    drift = SIMULATED_COMPANY.drift
    begins = end - drift.lead
    before = csat_by_touchpoint(e for e in history if begins - timedelta(days=40) <= when(e) < begins)
    after = csat_by_touchpoint(e for e in history if when(e) >= begins + drift.ramp)
    falls = {touchpoint: fall(before[touchpoint], after[touchpoint]) for touchpoint in before}
    assert falls.pop(drift.touchpoint) > 6
    elsewhere = {
        touchpoint: z for touchpoint, z in falls.items() if touchpoint not in SIMULATED_COMPANY.myopia.touchpoints
    }
    assert len(elsewhere) >= 8
    assert max(elsewhere.values()) < 3


def test_the_drift_begins_when_it_is_told_to() -> None:
    history = list(events(seed=5, start=day(0), end=day(40), count=40_000, drift_from=day(10)))
    before = csat_by_touchpoint(e for e in history if when(e) < day(10))
    after = csat_by_touchpoint(e for e in history if day(14) <= when(e) < day(28))
    assert fall(before[SIMULATED_COMPANY.drift.touchpoint], after[SIMULATED_COMPANY.drift.touchpoint]) > 6


def test_the_scores_of_a_touchpoint_change_with_its_owner(history: list[Event]) -> None:
    change = SIMULATED_COMPANY.owner_change
    before = [event for event in history if when(event) < change.on]
    after = [event for event in history if when(event) >= change.on]
    shift = mean_score(after, "csat", [change.touchpoint]) - mean_score(before, "csat", [change.touchpoint])
    assert 0.1 < shift < 0.6


def test_the_myopic_department_gains_in_the_short_term_what_it_loses_in_the_long(history: list[Event]) -> None:
    team = SIMULATED_COMPANY.myopia.touchpoints
    first, last = history[: len(history) // 3], history[-len(history) // 3 :]
    then, now = (Counter(e["kind"] for e in part if e["touchpoint"] in team) for part in (first, last))
    assert now["visit"] > 1.2 * then["visit"]
    assert now["conversion"] > 1.2 * then["conversion"]
    assert now["repeat_purchase"] < 0.9 * then["repeat_purchase"]
    assert mean_score(last, "nps", team) < mean_score(first, "nps", team) - 0.5
    assert mean_score(last, "csat", team) < mean_score(first, "csat", team) - 0.2


def test_other_departments_keep_their_figures_meanwhile(history: list[Event]) -> None:
    others = {plan.id for plan in SIMULATED_COMPANY.touchpoints} - SIMULATED_COMPANY.myopia.touchpoints
    first, last = history[: len(history) // 3], history[-len(history) // 3 :]
    then, now = (Counter(e["kind"] for e in part if e["touchpoint"] in others) for part in (first, last))
    assert 0.85 < now["visit"] / then["visit"] < 1.15
    assert 0.85 < now["conversion"] / then["conversion"] < 1.15
    assert abs(mean_score(last, "nps", others) - mean_score(first, "nps", others)) < 0.3


def test_most_conversions_end_a_journey_that_began_before_the_purchase(history: list[Event]) -> None:
    steps = defaultdict(list)
    for event in history:
        if "journey" in event:
            steps[event["journey"]].append(event["kind"])
    bought = [kinds for kinds in steps.values() if "conversion" in kinds]
    prepared = [kinds for kinds in bought if kinds.index("conversion") > 0]
    assert len(prepared) > 0.9 * len(bought)
    assert sum(len(kinds) > kinds.index("conversion") + 1 for kinds in bought) > 0.5 * len(bought)


def test_nothing_happens_in_a_journey_after_the_customer_has_left(history: list[Event]) -> None:
    left = set()
    for event in history:
        assert event.get("journey") not in left
        if event["kind"] == "churn":
            left.add(event["journey"])
    assert left


def test_a_customer_is_the_same_person_in_every_history(history: list[Event], end: datetime) -> None:
    another = events(seed=8, start=end, end=end + timedelta(days=5), count=5_000)
    homes = defaultdict(set)
    for event in itertools.chain(history, another):
        if "customer" in event:
            homes[event["customer"]].add((event["segment"], event["region"]))
    assert len(homes) > 5_000
    assert all(len(home) == 1 for home in homes.values())


def test_crowds_have_no_names(history: list[Event]) -> None:
    crowds = [event for event in history if "count" in event]
    assert {event["kind"] for event in crowds} == {"awareness", "visit"}
    assert not any("customer" in event or "journey" in event for event in crowds)


def test_amounts_spread_over_orders_of_magnitude_and_enterprises_spend_most(history: list[Event]) -> None:
    spent = defaultdict(list)
    for event in history:
        if "amount" in event:
            spent[event["segment"]].append(float(str(event["amount"])))
    medians = {segment: sorted(amounts)[len(amounts) // 2] for segment, amounts in spent.items()}
    assert 50 < medians["consumer"] < 100
    assert medians["consumer"] < medians["smb"] < medians["enterprise"]
    assert max(spent["consumer"]) > 20 * min(spent["consumer"])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"start": datetime(2026, 9, 1)}, "start 2026-09-01T00:00:00 has no UTC offset"),  # noqa: DTZ001  the point
        ({"end": datetime(2026, 9, 9)}, "end 2026-09-09T00:00:00 has no UTC offset"),  # noqa: DTZ001  the point
        ({"drift_from": datetime(2026, 9, 9)}, "drift_from 2026-09-09T00:00:00 has no UTC offset"),  # noqa: DTZ001
        ({"end": START}, "is not before end"),
        ({"end": day(-1)}, "is not before end"),
        ({"count": -1}, "count is -1"),
    ],
)
def test_bad_arguments_are_refused_at_the_call(changed: dict[str, object], message: str) -> None:
    arguments = {"seed": 1, "start": day(0), "end": day(3), "count": 1}
    with pytest.raises(ValueError, match=message):
        events(**arguments | changed)  # type: ignore[arg-type]


def going_on(end: datetime, count: int = 60_000, days: int = 20) -> Iterator[Event]:
    return endless_events(seed=1, start=end - timedelta(days=days), end=end, count=count)


@given(count=integers(1, 200), minutes=integers(1, 500))
def test_a_history_that_goes_on_begins_with_that_history_and_then_never_goes_back(count: int, minutes: int) -> None:
    how = {"seed": 1, "start": START, "end": START + timedelta(minutes=minutes), "count": count}
    stream = list(itertools.islice(endless_events(**how), count + 50))  # type: ignore[arg-type]
    assert stream[:count] == list(events(**how))  # type: ignore[arg-type]
    moments = [when(event) for event in stream]
    assert moments == sorted(moments)
    assert moments[count] >= START + timedelta(minutes=minutes) - timedelta(milliseconds=1)


def test_what_goes_on_keeps_the_contract_and_no_id_comes_twice(broken_rules: Callable[[object], list[str]]) -> None:
    stream = list(itertools.islice(going_on(START, 2_000), 4_000))
    assert [rule for event in stream for rule in broken_rules(event)] == []
    assert len({event["event_id"] for event in stream}) == len(stream)


def test_journeys_that_began_in_the_history_go_on_after_it() -> None:
    stream = list(itertools.islice(going_on(START), 62_000))
    past, now = ({e["journey"] for e in part if "journey" in e} for part in (stream[:60_000], stream[60_000:]))
    assert len(now & past) > 0.5 * len(now)


@pytest.mark.long
def test_the_rate_after_the_history_is_that_of_the_same_hours_before_it_and_is_what_is_said() -> None:
    calm = replace(SIMULATED_COMPANY, myopia=replace(SIMULATED_COMPANY.myopia, volume={}))
    how = {"start": day(-28), "end": START, "count": 60_000, "company": calm}
    going = endless_events(seed=1, **how)  # type: ignore[arg-type]
    stream = list(itertools.takewhile(lambda e: when(e) < day(28), going))
    past, now = (Counter(when(e).hour for e in part) for part in (stream[:60_000], stream[60_000:]))
    said: dict[int, float] = dict.fromkeys(range(24), 0.0)
    for hours in range(28 * 24):
        said[hours % 24] += rate_per_hour(at=START + timedelta(hours=hours), **how)  # type: ignore[arg-type]
    for hour in range(24):
        assert abs(now[hour] - said[hour]) < 5 * math.sqrt(said[hour])
        assert abs(now[hour] - past[hour]) < 5 * math.sqrt(now[hour] + past[hour])


def test_drift_and_myopia_stay_where_they_have_led_the_history() -> None:
    now = list(itertools.islice(going_on(START, 60_000), 60_000, 80_000))
    calm = list(events(seed=1, start=day(-20), end=day(-5), count=20_000, drift_from=day(1)))
    drifting = [SIMULATED_COMPANY.drift.touchpoint]
    assert mean_score(now, "csat", drifting) < mean_score(calm, "csat", drifting) - 0.6
    team = SIMULATED_COMPANY.myopia.touchpoints
    assert mean_score(now, "nps", team) < mean_score(calm, "nps", team) - 0.5


def test_a_history_without_events_does_not_go_on() -> None:
    with pytest.raises(ValueError, match="count is 0"):
        going_on(START, 0)
    with pytest.raises(ValueError, match="has no UTC offset"):
        going_on(datetime(2026, 9, 1))  # noqa: DTZ001  the point
