import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.sources.inference import guesses, proposal
from metrics.sources.mapping import SourceMapping
from metrics.sources.parsing import lint_sources, parse_sources
from metrics.sources.trial import tried

LEAVES = st.none() | st.booleans() | st.integers(-5, 200) | st.floats(0, 5) | st.text(max_size=6) | st.sampled_from(
    ["2026-11-22 09:59:30", "22/11/2026", "2026-11-22T09:59:30Z", 1_795_341_570, "46348.5", "9", "4.0"]
)  # fmt: skip
NAMES = st.sampled_from(["score", "CSAT rating", "Response Date", "id", "userId", 'What\'s "new"?', "a\nb", "é"])
RECORDS = st.lists(st.dictionaries(NAMES | st.text(max_size=4), LEAVES | st.dictionaries(NAMES, LEAVES)), max_size=4)


@given(RECORDS, st.booleans())
def test_every_proposal_is_a_file_without_a_problem(records: list[dict[str, Any]], is_csv: bool) -> None:
    assert lint_sources(proposal("sample", guesses(records), "csv" if is_csv else "json")) == []


SURVEY = [
    {"Responded at": f"2{n}/11/2026 10:5{n}", "Stars": str(n), "E-mail": f"a{n}@x.it", "Why": "x" * 80}
    for n in (1, 3, 5)
]
HOOK = [
    {"id": f"r-{n}", "created": {"at": 1_795_341_570 + n}, "nps_score": n, "user": {"id": 7}, "note": {"date": "?"}}
    for n in (0, 9)
]


@pytest.mark.parametrize(
    ("records", "rules"),
    [
        (SURVEY, {
            "event_id": "{ hash = ['\"Responded at\"', '\"E-mail\"', 'Stars'] }",
            "occurred_at": "{ path = '\"Responded at\"', time = \"%d/%m/%Y %H:%M\", zone = \"UTC\" }",
            "customer": "{ path = '\"E-mail\"' }",
            "kind": '"csat"',
            "score": "{ path = 'Stars', scale = { from = [1, 5] } }",
        }),
        (HOOK, {
            "event_id": "{ path = 'id' }",
            "occurred_at": "{ path = 'created.at', time = \"epoch_s\" }",
            "kind": '"nps"',
            "score": "{ path = 'nps_score' }",
        }),
    ],
)  # fmt: skip
def test_fields_are_found_by_their_names_and_values(records: list[dict[str, Any]], rules: dict[str, str]) -> None:
    guessed = {guess.field: guess.rule for guess in guesses(records)}
    assert {field: guessed[field] for field in rules} == rules
    (source,) = parse_sources(proposal("sample", guesses(records), "json"))
    assert [tried(SourceMapping(source), record, {}).rejected for record in records] == [None] * len(records)


def test_what_can_be_read_in_two_ways_is_said() -> None:
    why = {guess.field: guess.why for guess in guesses([{"date": "03/04/2026", "rating": 9}])}
    assert "or is it %m/%d/%Y?" in why["occurred_at"]
    (score,) = [guess.rule for guess in guesses([{"CSAT": "9"}, {"CSAT": "2"}]) if guess.field == "score"]
    assert score == "{ path = 'CSAT', scale = { from = [1, 10], to = [1, 5], how = \"linear\" } }"


def test_a_record_that_is_no_object_has_no_fields() -> None:
    assert {guess.rule for guess in guesses([7, [1]]) if guess.field == "event_id"} == {'{ hash = ["@"] }'}
    excel = {guess.field: guess.rule for guess in guesses([{"date": 46348.5}])}
    assert excel["occurred_at"] == '{ path = \'date\', time = "excel", zone = "UTC" }'


def test_a_time_without_an_offset_is_no_rfc_3339() -> None:
    rules = {guess.field: guess.rule for guess in guesses([{"at": "2026-11-22T09:59:30"}])}
    assert rules["occurred_at"] == '{ path = \'at\', time = "%Y-%m-%dT%H:%M:%S", zone = "UTC" }'


def test_nothing_to_go_by_leaves_everything_open() -> None:
    guessed = {guess.field: guess for guess in guesses([{"text": "hello"}])}
    assert guessed["kind"].rule == '"contact"'
    assert "no field has times" in guessed["occurred_at"].why
    assert json.dumps(guessed["event_id"].rule) == json.dumps("{ hash = ['text'] }")
