"""Tables of who owns what: against the lookup of one event, and how they grow."""

from bisect import bisect_right
from dataclasses import replace
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.catalogue import KINDS
from metrics.durations import DAY_S
from metrics.registry import Ownership, told_apart
from metrics.registry.attribution import Attribution
from metrics.registry.claims import patterns_of
from metrics.registry.model import UNOWNED, Registry
from metrics.registry.told_apart import KIND_NUMBERS, LINE_S, ToldApart, TooManyToldApartError
from tests.metrics.registry.test_attribution import KINDS as EVENT_KINDS
from tests.metrics.registry.test_attribution import (
    REGIONS,
    SEGMENTS,
    Key,
    events,
    registries,
    registry_of,
    rule,
    seconds,
)


def period_of(apart: ToldApart, event: Key, at_s: int) -> int:
    """The ownership period of an event, looked up as statements do."""
    names = apart.names
    touchpoint, segment, region, kind = event
    others = [pattern[:-1] + "(other)" for pattern in patterns_of(touchpoint)[1:]]
    place = next(names.places.index(called) for called in (touchpoint, *others) if called in names.places)
    found = []
    for value, known, width, named in (
        (segment, names.of_segments, len(names.of_segments), apart.segments),
        (region, names.of_regions, len(names.of_regions), apart.regions),
        (kind, ("", *KINDS), KIND_NUMBERS, apart.kinds),
    ):
        number = known.index(value) if value in known else 0
        found.append(number if place * width + number in named else 0)
    listed = list(apart.line_from)
    number = apart.strides.number(place, *found)
    begins = apart.line_from[listed[bisect_right(listed, number) - 1]] * LINE_S
    return apart.starts[bisect_right(apart.starts, begins + at_s) - 1]


@given(registries, events, seconds, seconds)
def test_the_tables_know_the_owner_that_the_lookup_of_one_event_gives(
    registry: Registry, event: Key, at_s: int, now_s: int
) -> None:
    attribution, at_s, now_s = Attribution(registry), max(0, at_s), max(0, now_s)
    apart = attribution.told_apart
    period = period_of(apart, event, at_s)
    was, now = attribution.owner(*event, at_s), attribution.owner(*event, now_s)
    line, start_s = apart.line(period), period % LINE_S
    assert [line.owners[bisect_right(line.boundaries, of_s)] for of_s in (start_s, now_s)] == [was, now]
    position = apart.starts.index(period)
    assert (apart.owners[position], apart.owners_at(now_s)[position]) == (was, now)


@given(registries)
def test_no_two_lines_and_no_two_owners_in_a_row_are_the_same(registry: Registry) -> None:
    apart = Attribution(registry).told_apart
    assert len(set(apart.lines)) == len(apart.lines)
    assert list(apart.starts) == sorted(set(apart.starts))
    for line in apart.lines:
        assert all(owner != after for owner, after in zip(line.owners, line.owners[1:], strict=False))


def dated(touchpoints: int, dates: int) -> list[Ownership]:
    """Touchpoints whose owner changes so many times, no two at once."""
    return [
        rule(
            f"t{touchpoint}", f"d{turn % 2}",
            start=(turn * touchpoints + touchpoint) * 7 if turn else None,
            end=((turn + 1) * touchpoints + touchpoint) * 7 if turn < dates else None,
        )
        for touchpoint in range(touchpoints) for turn in range(dates + 1)
    ]  # fmt: skip


@pytest.mark.parametrize(("touchpoints", "dates"), [(10, 4), (100, 4), (1, 400)])
def test_a_combination_is_cut_at_its_own_dates_only(touchpoints: int, dates: int) -> None:
    apart = Attribution(registry_of(dated(touchpoints, dates))).told_apart
    assert len(apart.starts) == touchpoints * (dates + 1) + 1  # and what nobody owns


def test_segments_count_only_at_places_whose_rules_name_them() -> None:
    of_segments = [rule("web.*", "it", filters=(f"s{n}", None, None)) for n in range(50)]
    others = [rule(f"t{n}", "sales") for n in range(100)]
    apart = Attribution(registry_of([*of_segments, *others, rule("*", "it", filters=("s1", None, None))])).told_apart
    assert (len(apart.lines), len(apart.segments)) == (3, 51)
    assert apart.combinations < 160


@pytest.mark.parametrize("first", ["segments", "regions"])
def test_rules_for_segments_and_rules_for_regions_add_up_and_do_not_multiply(first: str) -> None:
    of_segments = [rule("t1", f"d{n % 7}", filters=(f"s{n}", None, None)) for n in range(60)]
    of_regions = [rule("t1", f"e{n % 7}", filters=(None, f"r{n}", None)) for n in range(50)]
    of_kinds = [rule("t1", "it", filters=(None, None, kind)) for kind in EVENT_KINDS]
    rules = [*of_segments, *of_regions] if first == "segments" else [*of_regions, *of_segments]
    apart = Attribution(registry_of([*rules, *of_kinds, rule("t1", "sales")])).told_apart
    assert apart.combinations > 60 * 50
    assert len(apart.line_from) < 2 * (60 + 50)


def test_a_rule_that_is_always_beaten_tells_nothing_apart() -> None:
    rules = [rule("t1", "sales"), *(rule("*", "it", filters=(f"s{n}", None, None)) for n in range(50))]
    apart = Attribution(registry_of(rules)).told_apart
    assert len(apart.segments) == 50  # at all other places, which are one


def test_more_than_statements_have_room_for_is_said_before_it_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [rule("t1", "it", filters=(f"s{n}", None, None)) for n in range(60)]
    rules += [rule("t1", "it", filters=(None, f"r{n}", None)) for n in range(60)]
    monkeypatch.setattr(told_apart, "MOST_TOLD_APART", 3_000)
    with pytest.raises(TooManyToldApartError, match="more than 3,000 combinations"):
        _ = Attribution(registry_of(rules)).told_apart
    monkeypatch.setattr(told_apart, "MOST_TOLD_APART", 60)
    with pytest.raises(TooManyToldApartError):
        _ = Attribution(registry_of(dated(20, 4))).told_apart


def test_dates_before_1970_and_after_2500_are_no_dates() -> None:
    far = (1 << 35) // 60
    rules = [rule("t", "it", end=-10), rule("t", "sales", start=-10, end=far), rule("t", "marketing", start=far)]
    assert ((), ("sales",)) in Attribution(registry_of(rules)).told_apart.lines


# Of several days, most of them no midnights.
MINUTES = (0, 1, 7, 719, 1_439, 1_440, 1_441, 2_880, 4_001, 7_200, 9_999)
PLACES = (
    "web",
    "web.shop",
    "web.shop.cart",
    "web.shop.cart.pay",
    "web.help",
    "mail",
    "mail.news",
    "phone",
    "shop.rome",
)
PREFIXES = ("web.*", "web.shop.*", "web.shop.cart.*", "mail.*", "shop.*")
UNKNOWN = ("web.new", "web.shop.new", "web.shop.cart.new", "mail.new", "shop.new", "mailing")
FACET = "delivery"


@st.composite
def any_rules(draw: st.DrawFn) -> Ownership:
    """A rule of any kind: of a touchpoint, a part of the tree or all; filtered, limited, shared, of a facet."""
    start, end = sorted(draw(st.lists(st.sampled_from(MINUTES), min_size=2, max_size=2, unique=True)))
    filters = (draw(st.none() | st.sampled_from(values)) for values in (SEGMENTS, REGIONS, EVENT_KINDS))
    made = rule(
        draw(st.sampled_from((*PLACES, *PREFIXES, "*"))),
        draw(st.sampled_from(("it", "sales", "marketing", "care"))),
        filters=tuple(filters),  # type: ignore[arg-type]
        start=draw(st.sampled_from((None, start))),
        end=draw(st.sampled_from((None, end))),
    )
    facet, contributors = draw(st.sampled_from((None, None, None, FACET))), draw(st.sampled_from(({}, {"it": 0.3})))
    return replace(made, facet=facet, contributors=contributors)


@given(
    st.lists(any_rules(), max_size=40).map(registry_of),
    st.sampled_from((None, FACET)),
    st.sampled_from(MINUTES).map(lambda minute: minute * 60),
)
def test_the_tables_know_every_owner_of_every_combination_minute_by_minute(
    registry: Registry, facet: str | None, now_s: int
) -> None:
    attribution = Attribution(registry, facet=facet)
    apart = attribution.told_apart
    number, now = {start: n for n, start in enumerate(apart.starts)}, apart.owners_at(now_s)
    minutes = sorted({max(0, minute + off) for minute in MINUTES for off in (-1, 0, 1)})
    for event in product((*PLACES, *UNKNOWN), ("", *SEGMENTS), ("", *REGIONS), (*EVENT_KINDS, "visit")):
        begins = period_of(apart, event, 0) // LINE_S * LINE_S
        as_is = attribution.owner(*event, now_s)
        for minute in minutes:
            period = number[apart.starts[bisect_right(apart.starts, begins + minute * 60) - 1]]
            assert (apart.owners[period], now[period]) == (attribution.owner(*event, minute * 60), as_is)


@given(st.lists(any_rules(), max_size=12).map(registry_of))
def test_days_in_which_nothing_changes_hands_are_read_whole(registry: Registry) -> None:
    apart = Attribution(registry).told_apart
    for n, day in product(range(len(apart.lines)), range(MINUTES[-1] // 1_440 + 2)):
        first, last = (bisect_right(apart.starts, n * LINE_S + day * DAY_S + of_day) for of_day in (0, DAY_S - 1))
        assert first == last or day in apart.cut_days


@given(
    st.lists(any_rules(), max_size=12).map(registry_of),
    st.sets(st.integers(0, MINUTES[-1] + 1).map(lambda minute: minute * 60), min_size=1, max_size=9).map(sorted),
    st.sampled_from((None, "it", "sales", UNOWNED)),
)
def test_over_some_instants_a_line_counts_for_whoever_owns_it_at_each(
    registry: Registry, instants: list[int], only: str | None
) -> None:
    apart = Attribution(registry).told_apart
    over = apart.owners_over(instants, lambda owner: owner if only in (None, owner) else "")
    at_each = [dict(zip(apart.starts, apart.owners_at(at_s), strict=True)) for at_s in instants]
    for n, runs in enumerate(over):
        found = {position: run.owner for run in runs for position in range(run.first, run.last + 1)}
        wanted = {position: owners[n * LINE_S] for position, owners in enumerate(at_each)}
        assert found == {position: owner for position, owner in wanted.items() if only in (None, owner)}
        assert len(found) == sum(run.last - run.first + 1 for run in runs), "no two runs overlap"
        touching = [pair for pair in pairwise(runs) if pair[0].last + 1 == pair[1].first]
        assert all(one.owner != other.owner for one, other in touching), "as few runs as there can be"
