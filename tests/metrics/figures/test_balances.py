import gzip
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.catalogue import HORIZONS, METRICS, Horizon
from metrics.figures.balances import VIEWS, Balance, ByOwner, Group, Repeated, View, balances
from metrics.figures.sums import Sums, merge
from metrics.registry import COMPANY, Horizons, Ownership, Registry, parse
from metrics.registry.attribution import Attribution
from tests.metrics import reference

AT = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
TOUCHPOINTS = ("web.cart", "web.checkout", "shop", "mail.news")
REGIONS = ("", "north")
SCORES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
BY_CUSTOMER = ("nps", "csat", "ces", "repeat_rate", "retention")
DAY = "2026-02-01T00:00:00Z"
KINDS = (*SCORES, "visit", "awareness", "conversion", "repeat_purchase", "renewal", "churn", "referral", "contact")


def sums_of(events: Iterable[dict[str, Any]], at_s: float, half_life_s: float) -> Sums:
    """Decayed sums of events of one kind, one observation at a time."""
    return merge(_one(event, at_s, half_life_s) for event in events)


def _one(event: dict[str, Any], at_s: float, half_life_s: float) -> Sums:
    minute, weight = _minute(event), _weight(event, at_s, half_life_s)
    count, score = event.get("count", 1), event.get("score", 0)
    return Sums(
        n=count if weight else 0,
        w=weight * count,
        w2=(weight * count) ** 2,
        trials=weight * weight * count,
        sizes=weight * count * count,
        promoters=weight * (score >= 9),
        detractors=weight * (score <= 6),
        satisfied=weight * (score >= 4),
        score=weight * score,
        score_sq=weight * score * score,
        first=minute,
        last=minute,
    )


def _weight(event: dict[str, Any], at_s: float, half_life_s: float) -> float:
    age_s = at_s - _minute(event)
    return 2.0 ** (-age_s / half_life_s) if age_s < 10 * half_life_s else 0.0


def _minute(event: dict[str, Any]) -> int:
    return int(datetime.fromisoformat(event["occurred_at"]).timestamp()) // 60 * 60


def groups_of(
    events: Iterable[dict[str, Any]], attribution: Attribution, horizons: Horizons, at: datetime
) -> list[Group]:
    """The groups that a store would give: by whom they count for in both views."""
    at_s = at.timestamp()
    grouped: defaultdict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        of = (event["touchpoint"], event.get("segment", ""), event.get("region", ""), event["kind"])
        was, now = (attribution.owner(*of, owned_s) for owned_s in (_minute(event), int(at_s)))
        grouped[was, now, event["kind"]].append(event)
    half_lives = half_lives_of(horizons)
    return [
        Group(
            {"as_was": was, "as_is": now}, kind,
            {horizon: sums_of(result, at_s, half_lives[horizon]) for horizon in HORIZONS},
        )
        for (was, now, kind), result in grouped.items()
    ]  # fmt: skip


def half_lives_of(horizons: Horizons) -> dict[Horizon, float]:
    return {"short": horizons.short_s, "long": horizons.long_s}


def by_owner_of(
    events: Iterable[dict[str, Any]], attribution: Attribution, horizons: Horizons, at: datetime, view: View
) -> ByOwner:
    """What a store would give by department: daily sums, and what customers with several observations add."""
    at_s = at.timestamp()
    daily: defaultdict[tuple[str, str, Horizon], defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    weights: defaultdict[tuple[str, str, Horizon], defaultdict[str, list[float]]]
    weights = defaultdict(lambda: defaultdict(list))
    for event in events:
        [group] = groups_of([event], attribution, horizons, at)
        for horizon, half_life_s in half_lives_of(horizons).items():
            weight = _weight(event, at_s, half_life_s)
            for department in (group.owners[view], COMPANY):
                if weight:
                    day = _minute(event) // 86_400
                    daily[department, event["kind"], horizon][day] += weight * event.get("count", 1)
                for metric in METRICS if event.get("customer") else ():
                    if metric in BY_CUSTOMER and event["kind"] in METRICS[metric].kinds:
                        weights[department, metric, horizon][event["customer"]].append(weight)
    added = {
        key: Repeated(sum(sum(ws) ** 2 - sum(w * w for w in ws) for ws in customers.values()))
        for key, customers in weights.items()
    }
    return ByOwner(daily, added)


def computed(events: Iterable[dict[str, Any]], registry: Registry, at: datetime, view: View) -> list[Balance]:
    attribution = Attribution(registry)
    closed = [event for event in events if _minute(event) + 60 <= at.timestamp()]
    groups = groups_of(closed, attribution, registry.horizons, at)
    by_owner = by_owner_of(closed, attribution, registry.horizons, at, view)
    return balances(groups, by_owner, registry.horizons, at.timestamp(), view)


@st.composite
def event_lists(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events of the last two hundred days, unique by id."""
    made = []
    for number in range(draw(st.integers(0, 40))):
        kind = draw(st.sampled_from(KINDS))
        event: dict[str, Any] = {
            "event_id": f"e{number}",
            "source": "s",
            "kind": kind,
            "touchpoint": draw(st.sampled_from(TOUCHPOINTS)),
            "occurred_at": (AT + timedelta(minutes=draw(st.integers(-288_000, 10)))).isoformat(),
        }
        if kind in SCORES:
            event["score"] = draw(st.integers(*SCORES[kind]))
        if kind in ("visit", "awareness"):
            event["count"] = draw(st.integers(1, 9))
        region, customer = draw(st.sampled_from(REGIONS)), draw(st.sampled_from(("", "anna", "bert", "carla")))
        if region:
            event["region"] = region
        if customer:
            event["customer"] = customer
        made.append(event)
    return made


@st.composite
def registries(draw: st.DrawFn) -> Registry:
    """Registries of up to six rules with periods and filters, and half-lives from a day to a year."""
    rules = []
    for position in range(draw(st.integers(0, 6))):
        begin, length = draw(st.integers(-200, 0)), draw(st.integers(1, 200))
        start = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=begin)
        rules.append(
            Ownership(
                touchpoint=draw(st.sampled_from(["*", "web.*", "web.cart", "shop", "mail.*"])),
                segment=None,
                region=draw(st.sampled_from([None, "north"])),
                kind=draw(st.sampled_from([None, "nps", "visit"])),
                owner=draw(st.sampled_from(["sales", "it", "logistics"])),
                contributors={},
                valid_from=draw(st.sampled_from([None, start])),
                valid_to=draw(st.sampled_from([None, start + timedelta(days=length)])),
                position=position,
                line=None,
            )
        )
    days = draw(st.sampled_from([(1, 30), (7, 90), (7, 365)]))
    return Registry("1", "single", None, Horizons(days[0] * 86_400.0, days[1] * 86_400.0), (), (), tuple(rules), ())


def rows(result: Iterable[Balance]) -> list[dict[str, Any]]:
    return [{name: value for name, value in asdict(row).items() if name != "at"} for row in result]


@pytest.mark.parametrize("view", VIEWS)
@settings(max_examples=150, deadline=None)
@given(events=event_lists(), registry=registries())
def test_figures_equal_the_slow_reference(view: View, events: list[dict[str, Any]], registry: Registry) -> None:
    wanted = reference.balances(events, registry, AT, view)
    assert reference.differences(rows(computed(events, registry, AT, view)), wanted, 1e-9) == []


@settings(max_examples=50, deadline=None)
@given(events=event_lists(), registry=registries(), chance=st.randoms())
def test_the_order_of_events_does_not_matter(events: list[dict[str, Any]], registry: Registry, chance: Any) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)
    left, right = computed(events, registry, AT, "as_was"), computed(shuffled, registry, AT, "as_was")
    assert reference.differences(rows(left), rows(right), 1e-9) == []


@settings(max_examples=50, deadline=None)
@given(events=event_lists(), registry=registries())
def test_both_views_agree_where_ownership_never_changed(events: list[dict[str, Any]], registry: Registry) -> None:
    unchanging = tuple(
        Ownership(r.touchpoint, r.segment, r.region, r.kind, r.owner, {}, None, None, r.position, None)
        for r in registry.ownerships
    )
    still = Registry("1", "single", None, registry.horizons, (), (), unchanging, ())
    was, now = (
        [{**row, "view": ""} for row in rows(computed(events, still, AT, view))] for view in ("as_was", "as_is")
    )
    assert was == now


@settings(max_examples=50, deadline=None)
@given(events=event_lists(), registry=registries())
def test_volumes_of_the_departments_add_up_to_the_companys_weight(
    events: list[dict[str, Any]], registry: Registry
) -> None:
    result = computed(events, registry, AT, "as_was")
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in result:
        if METRICS[row.metric].shape == "volume":
            counts[row.metric, row.horizon] += row.n if row.department != "company" else -row.n
    assert set(counts.values()) <= {0}


def test_rows_come_by_department_horizon_and_metric_with_the_instant() -> None:
    events = [
        {
            "event_id": "1",
            "source": "s",
            "kind": kind,
            "touchpoint": "shop",
            "occurred_at": "2026-02-01T00:00:00Z",
            **more,
        }
        for kind, more in (("visit", {}), ("conversion", {}), ("nps", {"score": 9}))
    ]
    registry = Registry("1", "single", None, Horizons(7 * 86_400.0, 90 * 86_400.0), (), (), (), ())
    result = computed(events, registry, AT, "as_is")
    order = [(row.department, row.horizon, list(METRICS).index(row.metric)) for row in result]
    assert order == sorted(order, key=lambda item: (item[0], item[1] != "short", item[2]))
    assert {row.department for row in result} == {"company", "unowned"}
    assert {(row.at, row.view) for row in result} == {(AT, "as_is")}


def test_no_cells_give_no_rows() -> None:
    registry = Registry("1", "single", None, Horizons(1.0, 2.0), (), (), (), ())
    assert computed([], registry, AT, "as_was") == []


@pytest.mark.olist
@pytest.mark.parametrize("view", VIEWS)
def test_the_slow_reference_itself_equals_an_independent_computation_on_real_events(olist: Path, view: View) -> None:
    registry = parse((olist / "registry.toml").read_text())
    with gzip.open(olist / "events.ndjson.gz", "rt") as lines:
        events = [json.loads(line) for line in lines]
    for at in (datetime(2017, 11, 30, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC)):
        wanted = json.loads((olist / "second" / f"expected.{view}.{at:%F}.json").read_text())["balances"]
        assert reference.differences(reference.balances(events, registry, at, view), wanted) == []


@pytest.mark.olist
@pytest.mark.parametrize("view", VIEWS)
def test_the_formulas_equal_an_independent_computation_on_real_events(olist: Path, view: View) -> None:
    registry = parse((olist / "registry.toml").read_text())
    with gzip.open(olist / "events.ndjson.gz", "rt") as lines:
        events = [json.loads(line) for line in lines]
    for at in (datetime(2017, 11, 30, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC)):
        wanted = json.loads((olist / "second" / f"expected.{view}.{at:%F}.json").read_text())
        got = computed(events, registry, at, view)
        assert reference.differences(rows(got), wanted["balances"]) == []


def test_cells_of_long_ago_leave_rows_without_figures_and_no_error() -> None:
    shop = {"source": "s", "touchpoint": "shop", "occurred_at": "1970-01-01T00:00:00Z"}
    kinds: list[dict[str, Any]] = [{"kind": kind} for kind in KINDS if kind not in SCORES]
    kinds += [{"kind": kind, "score": high} for kind, (_, high) in SCORES.items()]
    events = [{**shop, **more, "event_id": str(number)} for number, more in enumerate(kinds * 6)]
    for half_life_s in (60.0, 86_400.0, 7 * 86_400.0):
        registry = Registry("1", "single", None, Horizons(half_life_s, 1e10), (), (), (), ())
        result = computed(events, registry, AT, "as_was")
        assert reference.differences(rows(result), reference.balances(events, registry, AT, "as_was")) == []
        short = [row for row in result if row.horizon == "short"]
        assert {row.metric for row in short} == set(METRICS)
        assert {row.n for row in short} == {0}


def test_a_what_if_registry_moves_figures_and_leaves_the_companys() -> None:
    events = [
        {"event_id": str(n), "source": "s", "kind": "nps", "touchpoint": "shop", "occurred_at": DAY, "score": 9}
        for n in range(6)
    ]
    before = Registry("1", "single", None, Horizons(), (), (), (), ())
    whole = Ownership("*", None, None, None, "sales", {}, None, None, 0, None)
    after = Registry("2", "single", None, Horizons(), (), (), (whole,), ())
    figures = {
        registry.version: {row.department: row.value for row in computed(events, registry, AT, "as_was")}
        for registry in (before, after)
    }
    assert figures == {"1": {"company": 100.0, "unowned": 100.0}, "2": {"company": 100.0, "sales": 100.0}}
