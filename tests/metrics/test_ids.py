"""What a registry declares can be named by events, and by answers about who owns what."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.ids import LONGEST_ID, LONGEST_LABEL
from metrics.registry import RegistryError, parse
from tests.metrics.events_near import GOOD, GOVERNANCE, STAMP_MS, encoded
from tests.metrics.registry_text import COMPANY_OF_TWO

DEPARTMENT = '[[department]]\nid = {}\nname = "New"\noffice = "front"\n'
TOUCHPOINT = '[[touchpoint]]\nid = {}\nname = {{ en = "New" }}\nstage = "during"\nchannel = "online"\n'
RULE = '[[ownership]]\ntouchpoint = "*"\nowner = "it"\n{} = {}\n'
NEAR_IDS = st.one_of(st.from_regex(r"[a-z0-9._-]{1,140}", fullmatch=True), st.text("aZ é.!-", max_size=4))
NEAR_LABELS = st.one_of(st.text('aZ é!"\\', max_size=4), st.integers(60, 68).map(lambda length: "x" * length))


def is_accepted(section: str) -> bool:
    try:
        parse(COMPANY_OF_TWO + section)
    except RegistryError:
        return False
    return True


def is_fact(**fields: Any) -> bool:
    event = GOOD | fields
    if event["kind"] != "nps":
        del event["score"]
    return not decode_run([encoded(event)], [STAMP_MS], RecordLimits()).rejected


def is_answer(department: str) -> bool:
    return is_fact(**{**GOVERNANCE["ownership_answer"], "kind": "ownership_answer", "answer": department})


@settings(deadline=None)
@given(NEAR_IDS)
@example("x" * 65)
@example("x" * 5_000)
def test_an_answer_can_name_every_department_that_a_registry_accepts(name: str) -> None:
    assert not is_accepted(DEPARTMENT.format(json.dumps(name))) or is_answer(name)


@settings(deadline=None)
@given(NEAR_IDS)
@example("x" * LONGEST_ID)
@example("x" * (LONGEST_ID + 1))
def test_events_can_be_of_exactly_the_touchpoints_that_a_registry_accepts(name: str) -> None:
    assert is_accepted(TOUCHPOINT.format(json.dumps(name))) == is_fact(touchpoint=name)


@settings(deadline=None)
@given(st.sampled_from(["segment", "region"]), NEAR_LABELS)
@example("segment", "x" * LONGEST_LABEL)
@example("region", "x" * (LONGEST_LABEL + 1))
def test_events_can_have_every_segment_and_region_that_a_registry_accepts(key: str, label: str) -> None:
    assert not is_accepted(RULE.format(key, json.dumps(label))) or is_fact(**{key: label})


@pytest.mark.parametrize("facet", ["voice", "delivery", "oversight", "tone"])
def test_answers_are_about_exactly_the_facets_that_a_registry_accepts(facet: str) -> None:
    answer = {**GOVERNANCE["ownership_answer"], "kind": "ownership_answer", "facet": facet}
    assert is_accepted(RULE.format("facet", json.dumps(facet))) == is_fact(**answer) == (facet != "tone")


def test_the_longest_department_of_a_registry_is_no_fault_and_can_be_answered() -> None:
    assert is_accepted(DEPARTMENT.format(json.dumps("x" * 65)))
    assert is_answer("x" * 65)
    assert not is_answer("X" * 65)
