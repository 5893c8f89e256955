import pytest

from metrics.sources.model import SourcesError
from metrics.sources.parsing import lint_sources, parse_sources
from tests.metrics.sources.given import BASE, RECORD, one_field


@pytest.mark.parametrize(
    ("name", "rule", "kind", "words"),
    [
        ("score", '{ path = "s", scale = 5 }', "nps", "must be a table, not an integer 5"),
        ("customer", '{ path = "s", scale = { from = [1, 5] } }', "nps", "scale goes with score"),
        ("score", '{ path = "s", scale = { from = [1, 5], to = [10, 0], how = "linear" } }', "nps", "and ours rise"),
        ("score", '{ path = "s", table = 7 }', "nps", "must be a table of values, not an integer 7"),
        ("currency", '"euro"', "conversion", "is no currency"),
        ("resolved", '"yes"', "case_closed", "must be true or false"),
        ("value", '"9"', "success_answer", "must be a number"),
        ("amount", "9.5", "conversion", "must be a decimal in quotes"),
    ],
)
def test_what_cannot_fill_a_field_is_reported(name: str, rule: str, kind: str, words: str) -> None:
    with pytest.raises(SourcesError) as error:
        one_field(name, rule, kind)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "shop"', 'name = "shop"\ncsv = 7', "source[1].csv: must be a table"),
        ("[[source.event]]", "[source.event]", "source[1].event: must be an array of tables"),
        (
            'topic = "shop.*"\n\n[source.fields]\n',
            'topic = "shop.*"\nfields = 7\n',
            "source[1].fields: must be a table",
        ),
    ],
)
def test_a_table_of_the_wrong_type_is_reported(old: str, new: str, words: str) -> None:
    assert old in BASE
    assert words in str([str(problem) for problem in lint_sources(BASE.replace(old, new))])


def test_constants_and_flags_of_each_type_fill_their_fields() -> None:
    text = """
[[source]]
name = "crm"
[source.fields]
event_id = { path = "id" }
occurred_at = { path = "at" }
touchpoint = "service.desk"
[[source.event]]
when = "closed"
kind = "case_closed"
case_id = { path = "id" }
resolved = { path = "done" }
confirmed_by_customer = false
[[source.event]]
when = "!closed"
kind = "success_answer"
metric = "nps"
value = { path = "wanted", decimal = "," }
"""
    (source,) = parse_sources(text)
    mapping = one_field("customer", '"x"').__class__(source)
    closed = mapping.events(RECORD | {"closed": True, "done": True}, {})
    assert isinstance(closed, list)
    assert (closed[0]["resolved"], closed[0]["confirmed_by_customer"]) == (True, False)
    answers = mapping.events(RECORD | {"wanted": "55,5"}, {})
    assert isinstance(answers, list)
    assert answers[0]["value"] == 55.5
    assert "must be true or false" in mapping.events(RECORD | {"closed": True, "done": "yes"}, {}).message  # type: ignore[union-attr]  # a refusal
