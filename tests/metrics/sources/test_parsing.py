import tomllib

import pytest

from metrics.registry import Problem
from metrics.sources.model import SourcesError
from metrics.sources.parsing import lint_sources, parse_sources
from tests.metrics.sources.given import BASE, EVENT, RECORD, mapping


def problem(text: str) -> Problem:
    """The one problem of a file."""
    with pytest.raises(SourcesError) as error:
        parse_sources(text)
    assert len(error.value.problems) == 1, error.value
    return error.value.problems[0]


def changed(old: str, new: str) -> str:
    assert old in BASE
    return BASE.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "words"),
    [
        ("score = {", "scor = {", 13, "source[1].event[1].scor", "did you mean 'score'?"),
        ("topic =", "topics =", 4, "source[1].topics", "did you mean 'topic'?"),
        ('kind = "nps"', 'kind = "NPS"', 12, "source[1].event[1].kind", "unknown kind 'NPS'"),
        ('path = "id"', 'pth = "id"', 7, "source[1].fields.event_id", "says nowhere what it is read from"),
        ('path = "id"', 'path = "the id"', 7, "source[1].fields.event_id.path", "no JMESPath, at character"),
        ('path = "at"', 'path = "at", time = "epoch"', 8, "source[1].fields.occurred_at.time", "did you mean 'epoch_"),
        ('path = "at"', 'path = "at", time = "%d/%m/%Y"', 8, "source[1].fields.occurred_at.zone", "no offset from UTC"),
        ('path = "at"', 'path = "at", zone = "Europe/Roma"', 8, "source[1].fields.occurred_at.zone", "'Europe/Rome'?"),
        ('"web.checkout"', '"Web Checkout"', 9, "source[1].fields.touchpoint", "is not a touchpoint id"),
        ('"web.checkout"', "7", 9, "source[1].fields.touchpoint", "must be a text"),
        ('name = "shop"', 'name = "Shop!"', 3, "source[1].name", "is no name of a source"),
        ('name = "shop"', 'name = "shop"\nwhen = "a =="', 4, "source[1].when", "no JMESPath"),
        ('name = "shop"', 'name = "shop"\nlike = "delightd"', 4, "source[1].like", "unknown like 'delightd'"),
        ('name = "shop"', 'name = "shop"\nformat = "csv"', 5, "source[1].topic", "a CSV is a file"),
        ('name = "shop"', 'name = "shop"\nhttp = "hook"', 4, "source[1].http", "is no path"),
        ('name = "shop"', 'name = "shop"\nheader = { a = 1 }', 4, "source[1].header", "must be a table of texts"),
        ('name = "shop"', 'name = "shop"\ncsv = { header_row = 0 }', 4, "source[1].csv.header_row", "number of rows"),
        ('name = "shop"', 'name = "shop"\ncsv = { delimiter = ";;" }', 4, "source[1].csv.delimiter", "one character"),
        ('path = "score"', 'path = "score", zone = "UTC"', 13, "source[1].event[1].score.zone", "with occurred_at"),
        ('path = "score"', 'path = "score", other = 1', 13, "source[1].event[1].score.other", "goes with a table"),
        ('path = "score"', 'path = "score", table = { "a" = "b" }', 13, "source[1].event[1].score.table.a", "integer"),
        ('path = "score"', 'path = "score", required = 1', 13, "source[1].event[1].score.required", "true or false"),
        ('path = "score"', 'hash = []', 13, "source[1].event[1].score.hash", "names no path"),
        ('path = "id"', 'path = "id", decimal = ","', 7, "source[1].fields.event_id.decimal", "goes with numbers"),
        ("[[source.event]]", "[[source.evnt]]", 11, "source[1].evnt", "did you mean 'event'?"),
    ],
)  # fmt: skip
def test_every_mistake_is_located_and_has_a_remedy(old: str, new: str, line: int, path: str, words: str) -> None:
    with pytest.raises(SourcesError) as error:
        parse_sources(changed(old, new))
    matches = [problem for problem in error.value.problems if problem.path == path]
    assert [problem.line for problem in matches] == [line], error.value
    assert words in str(matches[0])


def test_a_missing_field_says_where_it_can_be_written() -> None:
    missing = problem(changed('touchpoint = "web.checkout"\n', ""))
    assert (missing.line, missing.path) == (10, "source[1].event[1].touchpoint")
    assert missing.remedy == 'add touchpoint = "web.checkout", here or under [source.fields]'
    note = changed('kind = "nps"', 'kind = "note"\ntext = "x"').replace('touchpoint = "web.checkout"\n', "")
    assert lint_sources(note) == []


def test_what_is_no_toml_comes_alone_with_its_line() -> None:
    assert problem(BASE + "\n[[source]").line == 15
    assert "nested too deeply" in problem("a = " + "[" * 5000).message
    assert "unknown key 'sources'" in problem("[[sources]]\nname = 'x'").message
    assert "must be an array of tables" in problem("source = 7").message


def test_a_scale_of_csat_has_to_be_declared_and_one_that_differs_needs_a_rule() -> None:
    """A "CSAT" of 1 to 10 would land where it is 5 or less, and be rejected where people are content."""
    csat = changed('kind = "nps"', 'kind = "csat"')
    assert "the scale of csat is not declared" in problem(csat).message

    def scaled(scale: str) -> str:
        return csat.replace('path = "score"', f'path = "score", scale = {scale}')

    assert lint_sources(scaled("{ from = [1, 5] }")) == []
    assert "1 to 10 is not the scale of csat" in problem(scaled("{ from = [1, 10] }")).message
    assert "does not say how" in str(lint_sources(scaled("{ from = [1, 10], to = [1, 5] }"))[0])
    assert lint_sources(scaled('{ from = [1, 10], to = [1, 5], how = "bins" }')) == []
    assert "to is not the scale of csat" in problem(scaled('{ from = [1, 10], to = [1, 7], how = "bins" }')).message
    assert "bins need at least as many" in problem(scaled('{ from = [1, 3], to = [1, 5], how = "bins" }')).message
    assert "must be the worst and the best score" in str(lint_sources(scaled("{ from = [1] }"))[0])
    assert lint_sources(csat.replace('path = "score"', 'path = "score", table = { "Good" = 5 }')) == []
    table = 'kind = { path = "k", table = { "a" = "nps", "b" = "ces" } }'
    assert "the scale of ces is not declared" in problem(csat.replace('kind = "csat"', table)).message


def test_a_webhook_whose_events_are_read_from_headers_is_reported_for_its_records_have_none() -> None:
    text = BASE.replace('topic = "shop.*"', 'http = "/v1/sources/shop"').replace('path = "id"', 'header = "ce_id"')
    [problem] = lint_sources(text)
    assert (problem.line, problem.path) == (4, "source[1].http")
    assert "event_id is read from one" in problem.message
    assert lint_sources(text.replace('"ce_id"', '"ce_id", default = "x"')) == []
    assert lint_sources(text.replace('http = "/v1/sources/shop"', 'topic = "shop.*"')) == []


def test_two_sources_of_one_name_are_reported_and_one_that_gets_nothing_is_a_warning() -> None:
    assert "shop is already in source[1]" in problem(BASE + BASE).message
    (warning,) = lint_sources(BASE + BASE.replace('name = "shop"', 'name = "two"'))
    assert (warning.severity, warning.path, warning.line) == ("warning", "source[2].topic", 17)
    assert lint_sources(BASE.replace("topic", 'when = "a"\ntopic') + BASE.replace('"shop"', '"two"')) == []


def test_a_ready_made_source_is_overlaid_and_what_the_file_says_wins() -> None:
    ready = {"base": tomllib.loads(BASE.replace('touchpoint = "web.checkout"\n', ""))["source"][0]}
    own = '[[source]]\nname = "mine"\nlike = "base"\n[source.fields]\ntouchpoint = "web.cart"\nscore = { path = "s" }\n'
    events = mapping(own, ready).events({"id": "e-1", "at": EVENT["occurred_at"], "s": 3, "score": 9}, {})
    assert events == [EVENT | {"source": "mine", "touchpoint": "web.cart", "score": 3}]
    (problem_,) = lint_sources('[[source]]\nname = "mine"\nlike = "base"\n', ready)
    assert problem_.message == "the ready-made source base leaves it to you: no value for touchpoint"
    assert problem_.line == 1
    whole = own + '[[source.event]]\nkind = "contact"\nscore = { path = "none", required = false }\n'
    without_score = {key: value for key, value in EVENT.items() if key != "score"}
    assert mapping(whole, ready).events(RECORD, {}) == [
        {**without_score, "source": "mine", "touchpoint": "web.cart", "kind": "contact"}
    ]


def test_a_file_with_a_byte_order_mark_is_read() -> None:
    assert parse_sources("\ufeff" + BASE)[0].name == "shop"
    assert parse_sources("") == ()
