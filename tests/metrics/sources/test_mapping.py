from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.events.rejection import Reason
from metrics.sources.mapping import MOST_EVENTS
from metrics.sources.unfit import ABSENT, Refusal, shape_of_value
from tests.metrics.sources.given import BASE, EVENT, RECORD, mapping, one_field

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "at", "score", "x"]), inner),
    max_leaves=8,
)


def field(name: str, rule: str, kind: str = "nps", **record: Any) -> Any:
    """What a field becomes, or why not."""
    result = one_field(name, rule, kind).events(RECORD | record, {"ce_id": "7"})
    return result if isinstance(result, Refusal) else result[0].get(name)


def refusal(name: str, rule: str, kind: str = "nps", **record: Any) -> Refusal:
    result = field(name, rule, kind, **record)
    assert isinstance(result, Refusal)
    return result


def test_a_record_becomes_the_event_that_the_file_says() -> None:
    assert mapping().events(RECORD, {}) == [EVENT]


@pytest.mark.parametrize(
    ("name", "rule", "record", "value"),
    [
        ("customer", '{ path = "user.id" }', {"user": {"id": 4711}}, "4711"),
        ("customer", '{ path = "user.id" }', {"user": None}, None),
        ("customer", '{ path = "user", default = "anon" }', {"user": ""}, "anon"),
        ("customer", '{ column = "E-mail address" }', {"E-mail address": "a@x.it"}, "a@x.it"),
        ("event_id", '{ header = "Ce_Id" }', {}, "7"),
        ("event_id", '{ join = ["id", "n", "\'nps\'"] }', {"n": 2.0}, "e-1:2:nps"),
        ("touchpoint", '{ path = "p", table = { "1" = "a.b" }, other = "c" }', {"p": 1}, "a.b"),
        ("touchpoint", '{ path = "p", table = { "true" = "a.b" } }', {"p": True}, "a.b"),
        ("touchpoint", '{ path = "p", table = { "1" = "a.b" }, other = "c" }', {"p": "x"}, "c"),
        ("touchpoint", '{ path = "p", table = { "1" = "a.b" }, default = "d" }', {}, "d"),
        ("score", '{ path = "s", table = { "Good" = 9 } }', {"s": "Good"}, 9),
        ("occurred_at", '{ path = "t", time = "epoch_s" }', {"t": 1795341570}, "2026-11-22T09:59:30+00:00"),
    ],
)
def test_each_rule_fills_its_field(name: str, rule: str, record: dict[str, Any], value: Any) -> None:
    assert field(name, rule, **record) == value


@pytest.mark.parametrize(
    ("name", "rule", "record", "reason", "message", "value"),
    [
        ("customer", '{ path = "u" }', {"u": {"a": 1}}, Reason.BAD_TYPE, "must be a text or a whole", {"a": 1}),
        ("customer", '{ path = "u" }', {"u": 1.5}, Reason.BAD_TYPE, "must be a text or a whole", 1.5),
        ("customer", '{ path = "u", required = true }', {}, Reason.MISSING_FIELD, "there is nothing", ABSENT),
        ("event_id", '{ join = ["id", "n"] }', {}, Reason.MISSING_FIELD, "there is nothing", ABSENT),
        ("event_id", '{ hash = ["m", "n"] }', {"n": ""}, Reason.MISSING_FIELD, "there is nothing", ABSENT),
        ("score", '{ path = "s" }', {"s": "nine"}, Reason.BAD_VALUE, "must be a number", "nine"),
        ("touchpoint", '{ path = "p", table = { "1" = "a.b" } }', {"p": 2}, Reason.BAD_VALUE, "has '1'", 2),
        ("touchpoint", '{ path = "p", table = { "1" = "a.b" } }', {"p": [1]}, Reason.BAD_TYPE, "must be a text", [1]),
        ("score", '{ path = "s < `3`" }', {"s": "x"}, Reason.BAD_VALUE, "cannot be evaluated", ABSENT),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(
    name: str, rule: str, record: dict[str, Any], reason: Reason, message: str, value: Any
) -> None:
    result = refusal(name, rule, **record)
    assert (result.source, result.event, result.field, result.reason) == ("shop", 1, name, reason)
    assert message in result.message
    assert result.value == value
    assert result.place.startswith(f"source shop, {name} from ")


def test_a_refusal_shows_the_shape_of_a_value_and_never_its_text() -> None:
    detail = refusal("score", '{ path = "s" }', s="anna@x.it").rejected().detail
    assert detail == "source shop, score from s: must be a number (it is <text: 9 characters>)"
    assert refusal("customer", '{ path = "u" }', u=["anna"]).rejected().detail.endswith("(it is <array of 1>)")


@given(st.text(min_size=1, max_size=60))
def test_no_shape_quotes_letters_of_a_text(text: str) -> None:
    shape = shape_of_value(text)
    letters = {letter for letter in shape.removeprefix("<text like ") if letter.isalpha()}
    assert shape == f"<text: {len(text)} characters>" or letters <= set("TtZz")


def test_a_hash_depends_on_the_source_and_the_values_and_on_nothing_else() -> None:
    rule = '{ hash = ["id", "x"] }'
    known = field("event_id", rule, x={"b": 1, "a": 2})
    assert known == field("event_id", rule, x={"a": 2, "b": 1}, other="y")
    assert known != field("event_id", rule, x={"a": 2, "b": 2})
    other = mapping(BASE.replace('"shop"', '"other"').replace('{ path = "id" }', rule))
    events = other.events(RECORD | {"x": {"a": 2, "b": 1}}, {})
    assert not isinstance(events, Refusal)
    assert events[0]["event_id"] != known
    assert len(known) == 32


def test_a_hash_never_changes_between_versions() -> None:
    assert field("event_id", '{ hash = ["id", "score"] }') == "71f65482f5be86becf28adabaf442c85"


MANY = """
[[source]]
name = "survey"
records = "data"
drop = "test"
[source.fields]
event_id = { join = ["id", "item.q"] }
occurred_at = { path = "at" }
touchpoint = "web.checkout"
customer = { path = "person" }
[[source.event]]
kind = "nps"
when = "answers"
each = "answers[?type == 'nps']"
score = { path = "item.value" }
[[source.event]]
when = "sent"
event_id = { join = ["id", "'sent'"] }
kind = "survey_sent"
"""


def test_one_record_gives_as_many_events_as_its_lists_have() -> None:
    answers = [{"q": 1, "type": "nps", "value": 9}, {"q": 2, "type": "text"}, {"q": 3, "type": "nps", "value": 2}]
    one = {"id": "r", "at": "2026-11-22T09:59:30Z", "person": "p", "answers": answers, "sent": True}
    record = {"data": [one, {**one, "test": True}, {"id": "s", "at": one["at"], "sent": 1, "person": "q"}]}
    events = mapping(MANY).events(record, {})
    assert not isinstance(events, Refusal)
    assert [(event["event_id"], event["kind"], event.get("score")) for event in events] == [
        ("r:1", "nps", 9), ("r:3", "nps", 2), ("r:sent", "survey_sent", None), ("s:sent", "survey_sent", None),
    ]  # fmt: skip
    assert {event["customer"] for event in events} == {"p", "q"}


def test_a_record_without_the_list_that_should_be_there_is_refused() -> None:
    result = mapping(MANY).events({"date": []}, {})
    assert isinstance(result, Refusal)
    assert "there is no list of records at data" in result.message
    wrong = mapping(MANY.replace("each = \"answers[?type == 'nps']\"", 'each = "answers"'))
    result = wrong.events({"data": [{"id": "r", "answers": "x"}]}, {})
    assert isinstance(result, Refusal)
    assert "there is no list at answers" in result.message


def test_two_events_of_a_record_with_one_id_are_refused_for_they_would_count_once() -> None:
    answers = [{"q": 1, "type": "nps", "value": 9}] * 2
    result = mapping(MANY).events({"data": [{"id": "r", "at": "2026-11-22T09:59:30Z", "answers": answers}]}, {})
    assert isinstance(result, Refusal)
    assert "the same event_id" in result.message


def test_a_record_of_too_many_events_is_refused() -> None:
    answers = [{"q": n, "type": "nps", "value": 1} for n in range(MOST_EVENTS + 1)]
    result = mapping(MANY).events({"data": [{"id": "r", "at": "2026-11-22T09:59:30Z", "answers": answers}]}, {})
    assert isinstance(result, Refusal)
    assert result.reason is Reason.TOO_LARGE


def test_readings_go_as_far_as_the_record_can_be_read() -> None:
    both = one_field("event_id", '{ join = ["id", "x"] }')
    (readings,) = both.readings(RECORD | {"x": [1]}, {})
    assert [reading.value for reading in readings if reading.field == "event_id"] == [None]
    assert mapping(MANY).readings({"date": []}, {}) == []
    assert field("touchpoint", '{ path = "x", table = { "1.5" = "a.b" } }', x=1.5) == "a.b"


def test_what_no_event_takes_is_rejected_unless_the_file_drops_it() -> None:
    text = BASE.replace('kind = "nps"', 'kind = "nps"\nwhen = "type == \'nps\'"')
    result = mapping(text).events(RECORD, {})
    assert isinstance(result, Refusal)
    assert "no [[source.event]] takes this record" in result.message
    dropping = text.replace('topic = "shop.*"', 'topic = "shop.*"\notherwise = "drop"')
    assert mapping(dropping).events(RECORD, {}) == []


def test_a_condition_that_cannot_be_evaluated_rejects_the_record() -> None:
    result = mapping(BASE.replace('kind = "nps"', 'kind = "nps"\nwhen = "score > `3`"')).events({"score": "x"}, {})
    assert isinstance(result, Refusal)
    assert "a condition cannot be evaluated" in result.message


@given(ANYTHING)
def test_whatever_a_record_holds_it_gives_events_or_a_refusal(record: Any) -> None:
    rules = ['{ path = "x", scale = { from = [1, 10], to = [1, 5], how = "bins" } }', '{ path = "x", decimal = "," }']
    scaled = [one_field("score", rules[0], "csat"), one_field("count", rules[1], "visit")]
    times = [one_field("occurred_at", f'{{ path = "x", time = "{form}" }}') for form in ("epoch_us", "epoch_s")]
    money = one_field("amount", rules[1], "conversion")
    for source in (mapping(), mapping(MANY), one_field("event_id", '{ hash = ["@"] }'), money, *scaled, *times):
        assert isinstance(source.events(record, {}), list | Refusal)
