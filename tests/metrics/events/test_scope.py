"""A scope lets through what its patterns match, as those of the registry do, and nothing else."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.events.event import Event
from metrics.events.scope import FOREIGN_SOURCE, FOREIGN_TOUCHPOINT, Scope

AT = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = st.lists(st.sampled_from(["web", "shop", "cart"]), min_size=1, max_size=4)


def at(touchpoint: str, source: str = "shop") -> Event:
    return Event("1", source, "visit", touchpoint, AT)


@pytest.mark.parametrize(
    ("pattern", "touchpoint", "is_inside"),
    [
        ("web.cart", "web.cart", True),
        ("web.cart", "web.cart.pay", False),
        ("web.*", "web.cart.pay", True),
        ("web.*", "web", False),
        ("web.*", "webshop.cart", False),
        ("*", "anything.at.all", True),
        ("*", "", True),
        ("web.*", "", False),
    ],
)
def test_a_pattern_matches_as_in_the_registry(pattern: str, touchpoint: str, is_inside: bool) -> None:
    foreign = Scope("shop", {pattern}).foreign(at(touchpoint))
    assert (foreign is None) == is_inside
    assert foreign is None or (foreign.reason, foreign.field) == (FOREIGN_TOUCHPOINT, "touchpoint")


@given(WORDS, WORDS)
def test_a_prefix_matches_what_begins_with_its_words_and_a_dot(prefix: list[str], words: list[str]) -> None:
    is_inside = words[: len(prefix)] == prefix and len(words) > len(prefix)
    scope = Scope("", {".".join([*prefix, "*"])})
    assert (scope.foreign(at(".".join(words))) is None) == is_inside


def test_another_source_is_foreign_before_anything_about_touchpoints() -> None:
    foreign = Scope("shop", {"web.*"}).foreign(at("delivery.van", "crm"))
    assert foreign is not None
    assert (foreign.reason, foreign.field) == (FOREIGN_SOURCE, "source")
    assert foreign.detail == "source must be shop: this token is for no other"
    assert Scope("", {"*"}).foreign(at("delivery.van", "crm")) is None
