"""Owners in statements: against the lookup of each event in Python, under registries of all sorts."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, Final

import pytest

from metrics.catalogue import HORIZONS, KINDS, METRICS
from metrics.durations import DAY_S, WEEK_S
from metrics.figures.balances import VIEWS
from metrics.figures.distribution import ANSWER_METRICS, DistributionQuestion
from metrics.figures.trends import TrendQuestion
from metrics.registry import COMPANY, UNOWNED, Horizons, Ownership, Registry
from metrics.registry.attribution import Attribution
from streams.drift import observations
from streams.drift.observations import Combination
from streams.figures import days, minutes, snapshot
from streams.figures.distribution import answer_counts
from streams.figures.index_history import history
from streams.figures.ownership import owners_paired
from streams.figures.response_rates import InvitationSpan, InvitedGroup, invited
from streams.figures.trends import trend
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Query, Row
from streams.timestamps import from_epoch
from tests.streams.figures.test_trends import assert_same
from tests.streams.given import event, facts_of, names_in

FIRST: Final = datetime(2026, 3, 1, tzinfo=UTC)
DAYS: Final = 20
LAST: Final = FIRST + timedelta(days=DAYS)
FIRST_S, LAST_S = int(FIRST.timestamp()), int(LAST.timestamp())
DEPARTMENTS: Final = tuple(f"d{number}" for number in range(7))
SEGMENTS: Final = ("smb", "vip", "family")
REGIONS: Final = ("north", "south")
ANSWERED: Final = ("nps", "csat", "ces", "survey_sent", "visit")
TOUCHPOINTS: Final = tuple(
    f"{root}{branch}{leaf}"
    for root, branch, leaf in product(("web", "app", "shop"), ("", ".a", ".b"), ("", ".x", ".y"))
)
PATTERNS: Final = ("*", *(f"{of}.*" for of in ("web", "app", "shop", "web.a", "web.b", "app.a", "shop.b")))


def any_company(chance: random.Random, rules: int) -> CompiledRegistry:
    """Rules of touchpoints, of parts of the tree and of all, filtered or not, overlapping, from and to any minute."""

    def of(position: int) -> Ownership:
        begins, ends = sorted(chance.sample(range(-1_440, (DAYS + 1) * 1_440), 2))
        valid_from, valid_to = (FIRST + timedelta(minutes=minute) for minute in (begins, ends))
        segment, region, kind = (
            chance.choice(values) if chance.random() < 0.3 else None
            for values in (SEGMENTS, REGIONS, (*ANSWER_METRICS, "visit"))
        )
        return Ownership(
            chance.choice((*TOUCHPOINTS, *PATTERNS)), segment, region, kind, chance.choice(DEPARTMENTS),
            chance.choice(({}, {"d0": 0.2})), chance.choice((None, valid_from)), chance.choice((None, valid_to)),
            position, None, chance.choice((None, None, None, None, "delivery")),
        )  # fmt: skip

    registry = Registry("1", "team", None, Horizons(), (), (), tuple(map(of, range(rules))), ())
    return CompiledRegistry(registry, Attribution(registry))


def any_events(chance: random.Random, count: int, customers: int = 0) -> Iterator[dict[str, Any]]:
    for number in range(count):
        kind = chance.choice(ANSWERED)
        fields: dict[str, Any] = {"score": chance.randint(1, 5)} if kind in ANSWER_METRICS else {}
        if customers:
            fields["customer"] = f"c{chance.randrange(customers)}"
        yield event(
            number, kind, FIRST + timedelta(minutes=chance.randrange(DAYS * 1_440)),
            touchpoint=chance.choice((*TOUCHPOINTS, "web.a.new", "web.new", "app.a.x.new", "fax")),
            segment=chance.choice((None, *SEGMENTS, "nobody")), region=chance.choice((None, *REGIONS, "east")),
            **fields,
        )  # fmt: skip


def at_s(item: dict[str, Any]) -> int:
    return int(datetime.fromisoformat(item["occurred_at"]).timestamp())


def combination(item: dict[str, Any]) -> Combination:
    return Combination(item["touchpoint"], item.get("segment", ""), item.get("region", ""), item["kind"])


def owner(compiled: CompiledRegistry, item: dict[str, Any], as_is_s: int | None = None) -> str:
    return compiled.attribution.owner(*combination(item), at_s(item) if as_is_s is None else as_is_s)


@pytest.fixture(scope="module", params=[(seed, rules) for seed, rules in enumerate((3, 30, 200))])
def company(request: pytest.FixtureRequest) -> tuple[CompiledRegistry, list[dict[str, Any]]]:
    seed, rules = request.param
    chance = random.Random(seed)
    return any_company(chance, rules), list(any_events(chance, 1_500))


@pytest.fixture
def landed(store: Store, company: tuple[CompiledRegistry, list[dict[str, Any]]]) -> Store:
    compiled, events = company
    store.insert_facts(facts_of(events, compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    return store


class OwnedMinute(Row):
    """A cell with two owners in one number."""

    touchpoint: str
    segment: str
    region: str
    kind: str
    minute_s: int
    owners: int


_OWNED: Final = Query(
    "test/owned",
    "WITH $owner_of SELECT touchpoint, segment, region, toString(kind) AS kind_, minute_s, "
    "owner_of(line_begins + minute_s) AS owners FROM ("
    "SELECT *, toUnixTimestamp(minute) AS minute_s, $line AS line_begins FROM cells FINAL WHERE n > 0)",
    OwnedMinute,
)


def test_each_cell_has_the_owners_then_and_now_that_the_lookup_of_its_minute_gives(
    landed: Store, company: tuple[CompiledRegistry, list[dict[str, Any]]]
) -> None:
    compiled, events = company
    for now_s in (FIRST_S - 1, FIRST_S + 777 * 60, LAST_S):
        owners = owners_paired(compiled.attribution.told_apart, now_s)
        rows = landed.query(_OWNED.filled(owners.fragments))
        assert len(rows) == len({(combination(item), at_s(item)) for item in events})
        for row in rows:
            key = (row["touchpoint"], row["segment"], row["region"], row["kind_"])
            wanted = tuple(compiled.attribution.owner(*key, of_s) for of_s in (row["minute_s"], now_s))
            assert owners.called(row["owners"]) == wanted, (key, row["minute_s"], now_s)


def test_tallies_and_steps_of_drift_count_for_the_owner_of_each_minute(
    landed: Store, company: tuple[CompiledRegistry, list[dict[str, Any]]]
) -> None:
    compiled, events = company
    tallies = observations.owned_tallies(landed, compiled.attribution, names_in(landed), ANSWERED, FIRST_S, LAST_S)
    found = Counter({(item.combination, item.owner): item.tally.n for item in tallies})
    assert len(found) == len(tallies)
    assert found == Counter((combination(item), owner(compiled, item)) for item in events)
    steps = observations.observed(landed, compiled.attribution, FIRST_S, LAST_S).steps
    counted = {
        (department, metric): sum(step.exposure for step in steps)
        for (department, metric), steps in steps.items()
        if metric in ANSWER_METRICS
    }
    assert counted == Counter(
        (owner(compiled, item), item["kind"]) for item in events if item["kind"] in ANSWER_METRICS
    )


def test_moves_are_those_of_what_there_is(
    landed: Store, company: tuple[CompiledRegistry, list[dict[str, Any]]]
) -> None:
    compiled, events = company
    wanted: dict[tuple[str, str], set[int]] = {}
    for key in {combination(item) for item in events if item["kind"] in ANSWER_METRICS}:
        boundaries, owners = compiled.attribution.spans(*key)
        for moved_s, old, new in zip(boundaries, owners, owners[1:], strict=False):
            for department in (old, new) if old != new else ():
                wanted.setdefault((department, key.kind), set()).add(moved_s)
    moves = observations.observed(landed, compiled.attribution, FIRST_S, LAST_S).moves
    assert {pair: set(of) for pair, of in moves.items() if pair[1] in ANSWER_METRICS} == wanted


def test_answers_and_invitations_count_for_their_owner_in_both_views(
    landed: Store, company: tuple[CompiledRegistry, list[dict[str, Any]]]
) -> None:
    compiled, events = company
    bounds = [FIRST_S, FIRST_S + WEEK_S, LAST_S]
    for view in VIEWS:
        as_is_s = LAST_S if view == "as_is" else None
        owned = Counter((owner(compiled, item, as_is_s), item["kind"]) for item in events)
        for department in (*DEPARTMENTS, UNOWNED):
            question = DistributionQuestion(department, ANSWER_METRICS, view, bounds)
            found = Counter[str]()
            for stretch in answer_counts(landed, compiled, question):
                found[stretch.metric] += stretch.n
            assert found == Counter({kind: owned[department, kind] for kind in ANSWER_METRICS})
        groups = invited(landed, compiled, InvitationSpan(FIRST_S, LAST_S), view)
        sent = {of.department: sums.invitations + sums.open for of, sums in groups.items() if not of.touchpoint}
        everything = {COMPANY: sum(n for (_, kind), n in owned.items() if kind == "survey_sent")}
        assert sent == everything | {of: n for (of, kind), n in owned.items() if kind == "survey_sent"}


def test_a_trend_as_is_counts_at_each_instant_for_whoever_owns_it_then(
    store: Store, company: tuple[CompiledRegistry, list[dict[str, Any]]]
) -> None:
    compiled, _ = company
    store.insert_facts(facts_of(list(any_events(random.Random(5), 1_500, 60)), compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    list(days.fold(store, compiled.registry.horizons))
    instants = [FIRST_S + day * DAY_S + minute * 60 for day, minute in ((0, 1), (3, 0), (9, 777), (15, 0), (DAYS, 0))]
    computed = [snapshot.compute(store, compiled, from_epoch(of_s)).balances["as_is"] for of_s in instants]
    cards = history(store, compiled, instants, "as_is")
    for department in (*DEPARTMENTS, UNOWNED, COMPANY):
        question = TrendQuestion(department, tuple(METRICS), HORIZONS, "as_is", instants)
        found = [point.balance for point in trend(store, compiled, question)]
        order = {name: position for position, name in enumerate(METRICS)}
        wanted = [
            row
            for rows in computed
            for row in sorted(rows, key=lambda row: (order[row.metric], row.horizon != "short"))
            if row.department == department
        ]
        assert_same(found, wanted)
        assert {row.at for row in wanted} == {card.at for card in cards if card.department == department}


def test_a_registry_without_rules_owns_nothing(store: Store) -> None:
    registry = Registry("1", "team", None, Horizons(), (), (), (), ())
    compiled, events = CompiledRegistry(registry, Attribution(registry)), list(any_events(random.Random(9), 50))
    store.insert_facts(facts_of(events, compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    tallies = observations.owned_tallies(store, compiled.attribution, compiled.names, KINDS, FIRST_S, LAST_S)
    assert {item.owner for item in tallies} == {UNOWNED}
    groups = invited(store, compiled, InvitationSpan(FIRST_S, LAST_S), "as_is")
    assert {of.department for of in groups} == {COMPANY, UNOWNED}
    assert InvitedGroup(UNOWNED, "", 0) in groups
