"""What a publisher's name stands for: by spelling, by what others call it, by typo; and nothing for other words."""

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.catalogue import ALL_KINDS
from metrics.events.event import RecordLimits
from metrics.events.masking import NAMES
from metrics.events.nearest import (
    FIELD_WORDS,
    KIND_WORDS,
    TouchpointsNear,
    hint_of_absent,
    meant_field,
    meant_kind,
    meant_touchpoint,
    resembling,
    spelled_field,
)
from metrics.events.rejection import Rejected
from metrics.events.validation import REQUIRED, diagnose
from tests.metrics.events_near import GOOD, encoded

TOUCHPOINTS = ("web.checkout", "web.cart", "product.manual", "service.switchboard")


def detail(**changes: Any) -> str:
    event = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
    verdict, _ = diagnose(encoded(event), RecordLimits())
    assert isinstance(verdict, Rejected)
    return verdict.detail


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("NPS", "nps"), ("net_promoter", "nps"), ("NetPromoterScore", "nps"), ("page_view", "visit"),
        ("pageview", "visit"), ("purchase", "conversion"), ("RepeatPurchase", "repeat_purchase"), ("churned", "churn"),
        ("conversionn", "conversion"), ("survey.csat", "csat"), ("impressions", "awareness"), ("renwal", "renewal"),
    ],
)  # fmt: skip
def test_an_unknown_kind_says_which_was_meant(written: str, kind: str) -> None:
    assert meant_kind(written) == kind
    assert f"is unknown: did you mean {kind}?" in detail(kind=written)


@pytest.mark.parametrize("written", ["applause", "process", "", "kind", "x" * 100_000, "\ud800", "é"])
def test_another_word_means_no_kind(written: str) -> None:
    assert meant_kind(written) == ""


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("eventId", "event_id"), ("event-id", "event_id"), ("EVENT_ID", "event_id"), ("id", "event_id"),
        ("timestamp", "occurred_at"), ("occurredAt", "occurred_at"), ("ts", "occurred_at"), ("time", "occurred_at"),
        ("type", "kind"), ("service", "source"), ("touchPoint", "touchpoint"), ("page", "touchpoint"),
    ],
)  # fmt: skip
def test_an_absent_field_says_by_which_name_it_may_have_come(written: str, field: str) -> None:
    text = detail(**{field: ..., written: GOOD[field]})
    assert text == f"required and absent: {field}; did you mean {field} by {written}?"


def test_a_name_is_quoted_only_if_it_is_of_the_tables() -> None:
    assert hint_of_absent(["customer"], ["user_id"]) == "; did you mean customer by user_id?"
    assert hint_of_absent(["customer"], ["custmer"]) == "; did you mean customer by a name of 7 characters?"
    assert "anna" not in hint_of_absent(["customer"], ["customer anna", "anna.customer", "anna customer id"])


def test_the_score_the_amount_and_a_kinds_own_fields_are_looked_for_too() -> None:
    assert detail(score=..., rating=9).endswith("absent: score; did you mean score by rating?")
    money = {"kind": "conversion", "score": ..., "currency": "EUR", "price": "1"}
    assert detail(**money).endswith("absent: amount; did you mean amount by price?")
    assert detail(kind="case_opened", score=..., caseId="7").endswith("case_id; did you mean case_id by caseId?")
    assert detail(kind="success_answer", score=..., metric="NPS", value=5).endswith("; did you mean nps?")


def test_each_name_of_a_record_is_meant_for_one_field_at_most() -> None:
    hint = hint_of_absent(["event_id", "occurred_at"], ["id", "time", "eventId"])
    assert hint == "; did you mean event_id by id, occurred_at by time?"


def test_a_detail_stays_short_and_is_made_quickly_whatever_the_names_are() -> None:
    names = {f"event{number}é{'x' * 20}": 1 for number in range(2_000)}
    began = time.process_time()
    text = detail(event_id=..., source=..., kind=..., **names)
    assert time.process_time() - began < 0.5
    assert len(text) < 400


@given(st.dictionaries(st.text(max_size=40), st.none(), max_size=5))
def test_no_name_of_a_record_is_quoted_that_is_in_no_table(names: dict[str, None]) -> None:
    hint = hint_of_absent(REQUIRED, names)
    plain = {word.replace("_", "") for words in FIELD_WORDS.values() for word in words.split()}
    ours = {name.replace("_", "") for name in NAMES}
    for name in names:
        if len(name) > 3 and name in hint.replace("did you mean", ""):
            assert any(word in name.lower().replace("_", "") for word in plain | ours)


@pytest.mark.parametrize(("table", "names"), [(FIELD_WORDS, NAMES), (KIND_WORDS, frozenset(ALL_KINDS))])
def test_the_tables_are_of_names_that_exist_and_no_word_stands_twice(
    table: Mapping[str, str], names: frozenset[str]
) -> None:
    words = [word for of_one in table.values() for word in of_one.split()]
    assert set(table) <= names
    assert sorted(words) == sorted(set(words))


def test_every_kind_has_words_of_others() -> None:
    assert set(KIND_WORDS) == set(ALL_KINDS)


@pytest.mark.parametrize(
    ("written", "touchpoint"),
    [
        ("web.chekout", "web.checkout"), ("web-checkout", "web.checkout"), ("checkout", "web.checkout"),
        ("shop.web.cart", "web.cart"), ("product.manuals", "product.manual"), ("service.switchbord", TOUCHPOINTS[3]),
        ("social.facebook", ""), ("web", ""),
    ],
)  # fmt: skip
def test_a_touchpoint_that_the_registry_does_not_have_says_which_is_near(written: str, touchpoint: str) -> None:
    assert meant_touchpoint(written, TOUCHPOINTS) == touchpoint


def test_to_compare_many_with_a_large_registry_takes_little_time() -> None:
    near = TouchpointsNear(f"shop{number}.floor{number % 7}.desk" for number in range(20_000))
    began = time.process_time()
    assert near.meant("shop17-floor3.desk") == "shop17.floor3.desk"
    assert near.meant("shop18.flor4.desk") == "shop18.floor4.desk"
    assert [near.meant(f"shop{number}.kiosk.task") for number in range(100)] == [""] * 100
    assert time.process_time() - began < 1


def test_a_short_name_must_be_a_word_of_its_own() -> None:
    assert resembling("success_rate", ALL_KINDS) == ""
    assert resembling("CES-2", ALL_KINDS) == "ces"
    assert meant_field("mood", sorted(NAMES)) == ""
    assert json.dumps(meant_field("customerId", sorted(NAMES))) == '"customer"'


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("user_id", "customer"),
        ("eventId", "event_id"),
        ("custmer", "customer"),
        ("utm_source", ""),
        ("customerMood", ""),
        ("", ""),
    ],
)
def test_of_a_field_that_is_only_listed_the_whole_name_has_to_mean_one(name: str, field: str) -> None:
    assert spelled_field(name, sorted(NAMES)) == field
