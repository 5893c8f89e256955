"""Who owns an event: against a slow reading of the contract, and under what must not change it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from metrics.registry import UNOWNED, Horizons, Ownership, Registry
from metrics.registry.attribution import Attribution

Key = tuple[str, str, str, str]  # touchpoint, segment, region, kind
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEGMENTS, REGIONS, KINDS = ("smb", "consumer"), ("es", "it-north"), ("nps", "csat")
TOUCHPOINTS = ("web", "web.shop", "web.shop.cart", "web.shops", "mail")
PATTERNS = (*TOUCHPOINTS, "web.*", "web.shop.*", "mail.*", "*")
DEPARTMENTS = ("it", "sales", "marketing")
LAST_MINUTE = 12


def registry_of(rules: Iterable[Ownership]) -> Registry:
    ordered = tuple(replace(rule, position=n) for n, rule in enumerate(rules))
    return Registry("1", "team", None, Horizons(), (), (), ordered, ())


def rule(
    touchpoint: str,
    owner: str,
    *,
    filters: tuple[str | None, str | None, str | None] = (None, None, None),
    start: int | None = None,
    end: int | None = None,
) -> Ownership:
    """A rule that holds from minute `start` to minute `end` of 1970."""
    valid_from = None if start is None else EPOCH + timedelta(minutes=start)
    valid_to = None if end is None else EPOCH + timedelta(minutes=end)
    return Ownership(touchpoint, *filters, owner, {}, valid_from, valid_to, 0, None)


@st.composite
def rules(draw: st.DrawFn) -> Ownership:
    start, end = draw(st.none() | st.integers(0, LAST_MINUTE - 1)), draw(st.none() | st.integers(1, LAST_MINUTE))
    if start is not None and end is not None and start >= end:
        start, end = end - 1, start + 1
    segment, region, kind = (draw(st.none() | st.sampled_from(values)) for values in (SEGMENTS, REGIONS, KINDS))
    return rule(
        draw(st.sampled_from(PATTERNS)),
        draw(st.sampled_from(DEPARTMENTS)),
        filters=(segment, region, kind),
        start=start,
        end=end,
    )


registries = st.lists(rules(), max_size=12).map(registry_of)
events = st.tuples(
    st.sampled_from((*TOUCHPOINTS, "mail.news", "shop")),
    st.sampled_from(("", *SEGMENTS)),
    st.sampled_from(("", *REGIONS)),
    st.sampled_from((*KINDS, "visit")),
)
seconds = st.integers(-90, (LAST_MINUTE + 1) * 60)


def contenders(registry: Registry, event: Key, at_s: int) -> list[Ownership]:
    """The rules left by the contract's steps but for the last one, which is the order in the file."""
    touchpoint, segment, region, kind = event
    at = EPOCH + timedelta(seconds=at_s)

    def matches(rule: Ownership) -> bool:
        pattern = rule.touchpoint
        return (
            (pattern in {"*", touchpoint} or (pattern.endswith(".*") and touchpoint.startswith(pattern[:-1])))
            and rule.segment in {None, segment}
            and rule.region in {None, region}
            and rule.kind in {None, kind}
            and (rule.valid_from is None or rule.valid_from <= at)
            and (rule.valid_to is None or at < rule.valid_to)
        )

    def specificity(rule: Ownership) -> tuple[int, int]:
        pattern = rule.touchpoint
        if pattern == "*":
            return (0, 0)
        return (1, len(pattern)) if pattern.endswith(".*") else (2, 0)

    def filters(rule: Ownership) -> int:
        return [rule.segment, rule.region, rule.kind].count(None) * -1

    def start(rule: Ownership) -> datetime:
        return rule.valid_from or datetime.min.replace(tzinfo=UTC)

    left = [rule for rule in registry.ownerships if matches(rule)]
    steps: tuple[Callable[[Ownership], Any], ...] = (specificity, filters, start)
    for step in steps:
        left = [rule for rule in left if step(rule) == max(map(step, left))]
    return left


@given(registries, events, seconds)
def test_the_owner_is_the_one_that_the_contract_names(registry: Registry, event: Key, at_s: int) -> None:
    left = contenders(registry, event, at_s)
    attribution = Attribution(registry)
    assert attribution.owner(*event, at_s) == (left[-1].owner if left else UNOWNED)
    assert attribution.rule(*event, at_s) == (left[-1] if left else None)
    assert attribution.is_conflict(*event, at_s) == (len(left) > 1)


@given(registries, events, seconds)
def test_the_second_answer_is_the_first(registry: Registry, event: Key, at_s: int) -> None:
    attribution = Attribution(registry)
    assert attribution.owner(*event, at_s) == attribution.owner(*event, at_s)


@given(registries, events)
def test_spans_say_what_owner_says(registry: Registry, event: Key) -> None:
    attribution = Attribution(registry)
    boundaries, owners = attribution.spans(*event)
    assert len(owners) == len(boundaries) + 1
    assert list(boundaries) == sorted(set(boundaries))
    assert set(boundaries) <= set(attribution.boundaries)
    for n, start_s in enumerate(boundaries):
        assert attribution.owner(*event, start_s - 1) == owners[n]
        assert attribution.owner(*event, start_s) == owners[n + 1]


@given(registries, events)
def test_the_owner_changes_at_boundaries_of_the_registry_only(registry: Registry, event: Key) -> None:
    attribution = Attribution(registry)
    changes = {
        minute * 60
        for minute in range(LAST_MINUTE + 1)
        if attribution.owner(*event, minute * 60 - 1) != attribution.owner(*event, minute * 60)
    }
    assert changes <= set(attribution.boundaries)


@given(st.lists(rules(), min_size=1, max_size=8), st.data(), events, seconds)
def test_a_rule_split_in_two_adjacent_periods_owns_the_same(
    some_rules: list[Ownership], data: st.DataObject, event: Key, at_s: int
) -> None:
    # Rules of the same pattern are left out: against those the new `from` of the second half may win.
    whole = some_rules[0]
    first = 0 if whole.valid_from is None else int((whole.valid_from - EPOCH).total_seconds()) // 60
    last = LAST_MINUTE if whole.valid_to is None else int((whole.valid_to - EPOCH).total_seconds()) // 60
    cut = EPOCH + timedelta(minutes=data.draw(st.integers(first, last)))
    assume(cut not in {whole.valid_from, whole.valid_to})
    others = [other for other in some_rules[1:] if other.touchpoint != whole.touchpoint]
    halves = [replace(whole, valid_to=cut), replace(whole, valid_from=cut)]
    before = Attribution(registry_of([whole, *others])).owner(*event, at_s)
    assert Attribution(registry_of([*halves, *others])).owner(*event, at_s) == before
    assert Attribution(registry_of([*others, *reversed(halves)])).owner(*event, at_s) == before


def test_the_worked_example_of_the_reference_holds() -> None:
    attribution = Attribution(
        registry_of(
            [
                rule("*", "marketing"),
                rule("web.*", "it"),
                rule("web.checkout", "it", end=10),
                rule("web.checkout", "sales", start=10),
                rule("web.checkout", "service", filters=("smb", None, None)),
                rule("web.checkout", "logistics", filters=(None, "es", "csat"), start=5),
            ]
        )
    )
    at_s = 20 * 60
    assert attribution.owner("mail.offer", "", "", "nps", at_s) == "marketing"
    assert attribution.owner("web", "", "", "nps", at_s) == "marketing"
    assert attribution.owner("web.search", "smb", "es", "csat", at_s) == "it"
    assert attribution.owner("web.checkout", "", "", "csat", 10 * 60 - 1) == "it"
    assert attribution.owner("web.checkout", "", "", "csat", 10 * 60) == "sales"
    assert attribution.owner("web.checkout", "smb", "", "csat", at_s) == "service"
    assert attribution.owner("web.checkout", "smb", "es", "csat", at_s) == "logistics"


def test_without_rules_everything_is_unowned() -> None:
    attribution = Attribution(registry_of([]))
    assert attribution.owner("web", "", "", "nps", 0) == UNOWNED
    assert attribution.spans("web", "", "", "nps") == ((), (UNOWNED,))
    assert attribution.boundaries == ()


def test_boundaries_are_every_from_and_to_once_in_ascending_order() -> None:
    attribution = Attribution(
        registry_of([rule("a", "it", start=5, end=9), rule("b", "it", start=9), rule("c", "it", end=2)])
    )
    assert attribution.boundaries == (120, 300, 540)


def test_a_hundred_thousand_invented_touchpoints_do_not_grow_the_cache_beyond_its_limit() -> None:
    attribution = Attribution(registry_of([rule("web.*", "it")]), cache_size=1_000)
    for n in range(100_000):
        assert attribution.owner(f"web.{n}", "", "", "nps", 0) == "it"
    assert len(attribution._cache) <= 1_000
    assert attribution.owner("web.0", "", "", "nps", 0) == "it"
